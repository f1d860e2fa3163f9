import { TidingsError } from '@tidings/protocol';
import { sessionNameForm } from '@tidings/protocol/schemas';

const { maxLength } = sessionNameForm;
const pattern = new RegExp(sessionNameForm.pattern);

/** Reads `?session=`: the name of a session in rooms, which outlives its connection; null for none, the error `bad_request` for what is none. */
export function sessionNameOf(query: URLSearchParams): string | null | TidingsError {
  const name = query.get('session');
  if (!name) return null;
  if (name.length <= maxLength && pattern.test(name)) return name;
  return new TidingsError(
    'bad_request',
    `session must be a name of letters, digits, _ and -, ${maxLength} at most, that begins with a letter or digit; got "${name.slice(0, 70)}"`,
  );
}

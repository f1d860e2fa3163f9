import { TidingsError } from '@tidings/protocol';

/** As the schema of `session` in the action `presence` has it. */
const pattern = /^[A-Za-z0-9][\w-]{0,63}$/;

/** Reads `?session=`: the name of a session in rooms, which outlives its connection; null for none, the error `bad_request` for what is none. */
export function sessionNameOf(query: URLSearchParams): string | null | TidingsError {
  const name = query.get('session');
  if (!name) return null;
  if (pattern.test(name)) return name;
  return new TidingsError(
    'bad_request',
    `session must be a name of letters, digits, _ and -, 64 at most, that begins with a letter or digit; got "${name.slice(0, 70)}"`,
  );
}

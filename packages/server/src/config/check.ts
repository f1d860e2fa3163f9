import { TidingsError } from '@tidings/protocol';
import { quote } from '@tidings/protocol/schemas';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** The words of a schema, for errors. */
export interface Wording {
  /** Follows "must be". */
  expected: string;
  /** True if errors do not repeat the value: a faulty secret may nearly be right. */
  isSecret?: boolean;
}

/** Names a value, as `auth.jwtSecret`, as whoever gave it knows it: `--jwt-secret`, `"jwtSecret" in tidings.json`. */
export type NameOf = (option: string) => string;

/**
 * Holds a value to a schema that has words. Members that are undefined count as absent.
 *
 * @param path of the value, for `nameOf`
 * @throws TidingsError `bad_request` about the first value that is wrong: its name, and what it must be
 */
export function check(schema: TSchema, value: unknown, nameOf: NameOf, path: readonly string[] = []): void {
  if (Value.Check(schema, value)) return;
  for (const { keyword, instancePath, params, message } of Value.Errors(schema, value)) {
    const { inner, found, words } = placeOf(schema, value, instancePath.split('/').slice(1));
    const at = [...path, ...inner];
    if (keyword === 'additionalProperties') {
      const stray = params.additionalProperties.find((name) => Object(found)[name] !== undefined);
      if (stray !== undefined) throw refused(noOption([...at, stray], Object.keys(words.properties ?? {}), nameOf));
    } else if (keyword !== 'boolean') {
      const own = keyword === '~refine' && message !== '';
      const came = words.isSecret ? '' : `; got ${quoted(found)}`;
      throw refused(`${nameOf(at.join('.'))} ${own ? message : `must be ${words.expected}${came}`}`);
    }
  }
}

type Words = Partial<Wording> & { properties?: Record<string, Words>; items?: unknown };

/** The words for a place, and what is there: for what is in a list, the words of the list. */
function placeOf(schema: TSchema, value: unknown, parts: readonly string[]) {
  let words = schema as Words;
  let found = value;
  const inner: string[] = [];
  for (const part of parts) {
    found = Object(found)[part];
    if (words.items) break;
    words = words.properties?.[part] ?? {};
    inner.push(part);
  }
  return { inner, found, words };
}

function noOption(path: readonly string[], known: readonly string[], nameOf: NameOf): string {
  const group = path.slice(0, -1).join('.');
  const those = group === '' ? 'the options' : `those of ${group}`;
  return `there is no option ${nameOf(path.join('.'))}; ${those} are ${known.join(', ')}`;
}

/** JSON has no NaN. */
const quoted = (value: unknown): string => (typeof value === 'number' ? String(value) : quote(value));

const refused = (message: string): TidingsError => new TidingsError('bad_request', message);

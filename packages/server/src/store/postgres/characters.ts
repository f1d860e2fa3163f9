/**
 * PostgreSQL's text cannot hold U+0000, and refuses half of a surrogate pair. The first is kept as U+0001 and "0", and
 * so U+0001 itself as U+0001 and "1"; the second is replaced by U+FFFD, as it is wherever text becomes UTF-8.
 */
export function encodeText(text: string): string {
  const whole = text.toWellFormed();
  if (!whole.includes(nul) && !whole.includes(prefix)) return whole;
  return whole.replaceAll(prefix, `${prefix}1`).replaceAll(nul, `${prefix}0`);
}

export const decodeText = (text: string): string =>
  text.includes(prefix) ? text.replaceAll(`${prefix}0`, nul).replaceAll(`${prefix}1`, prefix) : text;

const nul = '\u0000';
const prefix = '\u0001';

/** The JSON of a value whose texts PostgreSQL is to look into. */
export function encodeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!/\\u(?:000[01]|d[89a-f])/.test(json)) return json;
  return JSON.stringify(value, (_, part) => (typeof part === 'string' ? encodeText(part) : part));
}

/** Reads JSON that PostgreSQL made. */
export function decodeJson<T>(json: string): T {
  if (!json.includes('\\u0001')) return JSON.parse(json);
  return JSON.parse(json, (name, part) => {
    if (typeof part !== 'string') return part;
    return name === 'topics' && part.startsWith('[') ? decodeTopics(part) : decodeText(part);
  });
}

/** Topics are kept as JSON, in which U+0001 is escaped. */
const decodeTopics = (json: string): string =>
  json.includes('\\u0001') ? JSON.stringify((JSON.parse(json) as string[]).map(decodeText)) : json;

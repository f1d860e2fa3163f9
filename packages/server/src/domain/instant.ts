import { TidingsError } from '@tidings/protocol';

/** Reads an instant (ISO 8601 with a time zone) as epoch milliseconds. Throws `bad_request` for a day or time that does not exist. */
export function instantOf(name: string, text: string): number {
  if (isInstant(text)) return Date.parse(text);
  throw new TidingsError('bad_request', `${name} is no date; got ${text}`);
}

/** True if a text names a day that its month has, and a time of it; Date.parse takes 30 February for 2 March. */
export function isInstant(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})T/.exec(text) ?? [];
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= daysOfMonth && !Number.isNaN(Date.parse(text));
}

import { TidingsError } from '@tidings/protocol';

/** A whole number of a query string; null where it is absent. */
export function numberOf(text: string | undefined, name: string): number | null {
  if (text === undefined || text === '') return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new TidingsError('bad_request', `"${name}" must be a whole number; got ${JSON.stringify(text.slice(0, 60))}`);
}

/** How many items a page has: 1 to 100, 20 by default. */
export function limitOf(text: string | undefined): number {
  const limit = numberOf(text, 'limit') ?? 20;
  if (limit >= 1 && limit <= 100) return limit;
  throw new TidingsError('bad_request', `"limit" must be 1 to 100; got ${limit}`);
}

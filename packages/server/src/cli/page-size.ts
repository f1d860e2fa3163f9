import { TidingsError } from '@tidings/protocol';

/** Reads `--limit`: how many items a page has, 1 to 100. Throws `bad_request`. */
export function limitOf(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 100) return limit;
  throw new TidingsError('bad_request', `--limit must be 1 to 100; got ${JSON.stringify(text)}`);
}

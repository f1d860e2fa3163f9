/**
 * Reads a `Retry-After` header (RFC 9110 section 10.2.3: seconds, or a date).
 *
 * @param now milliseconds since 1970
 * @returns milliseconds to wait, however many; 0 if the header is absent or in another form
 */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

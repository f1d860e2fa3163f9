/**
 * How long an answer asks to be left alone, ms, by its `Retry-After` (RFC 9110 section 10.2.3: seconds, or a date); 0 where
 * it does not ask, or not in these forms.
 */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

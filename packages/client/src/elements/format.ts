const withUnit = (locale: string, value: number, unit: string, unitDisplay: 'short' | 'long' = 'short') =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 1 }).format(value);

/** A size in bytes as people read it, in powers of 1,000: `184.3 kB`, `2.1 MB`. */
export function formatSize(bytes: number, locale: string): string {
  const prefixes = ['', 'kilo', 'mega', 'giga', 'tera'];
  let step = 0;
  let value = bytes;
  for (; value >= 999.95 && step < 4; value /= 1000) step += 1;
  return withUnit(locale, value, `${prefixes[step]}byte`, step ? 'short' : 'long');
}

/** The age of an instant: `now`, `5m ago`, `yesterday`; a date once it is more than four weeks past. */
export function formatAgo(timestamp: string, now: number, locale: string): string {
  const then = Date.parse(timestamp);
  if (Number.isNaN(then)) return '';
  const minutes = Math.floor(Math.max(0, now - then) / 60_000);
  if (minutes > 28 * 1_440) return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(then);
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'narrow', numeric: 'auto' });
  if (minutes < 1) return relative.format(0, 'second');
  if (minutes < 60) return relative.format(-minutes, 'minute');
  if (minutes < 1_440) return relative.format(-Math.floor(minutes / 60), 'hour');
  return relative.format(-Math.floor(minutes / 1_440), 'day');
}

export const formatPercent = (percent: number, locale: string): string => withUnit(locale, percent, 'percent');

/** A stretch of time, rounded as an estimate is: `40 sec`, `3 min`, `1.5 hr`; never less than five seconds. */
export function formatDuration(milliseconds: number, locale: string): string {
  const seconds = milliseconds / 1000;
  if (seconds <= 55) return withUnit(locale, Math.max(5, Math.ceil(seconds / 5) * 5), 'second');
  if (seconds < 3_300) return withUnit(locale, Math.round(seconds / 60), 'minute');
  return withUnit(locale, Math.round(seconds / 1800) / 2, 'hour');
}

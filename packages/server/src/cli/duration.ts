import { TidingsError } from '@tidings/protocol';

const units: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Reads `90s`, `15m`, `1h` or `7d` as seconds. Throws `bad_request`. */
export function parseDuration(text: string, where: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (units[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new TidingsError('bad_request', `${where} must be a time as 90s, 15m, 1h or 7d; got ${JSON.stringify(text)}`);
}

import { TidingsError } from '@tidings/protocol';
import { isInstant } from '../domain/instant.ts';
import { parseDuration } from './duration.ts';

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Reads `2026-12-01T09:00+01:00`, or `2026-12-01T09:00` of this machine's zone, as ISO 8601, UTC. Throws `bad_request`, for a
 * day that its month does not have too.
 */
export function parseInstant(text: string, where: string): string {
  if (instant.test(text) && isInstant(text)) return new Date(text).toISOString();
  const expected = instant.test(text)
    ? 'is no date'
    : 'must be a time as 2026-12-01T09:00+01:00, or 2026-12-01T09:00 here';
  throw new TidingsError('bad_request', `${where} ${expected}; got ${JSON.stringify(text)}`);
}

/** Reads a time, or a duration from a beginning on, as ISO 8601, UTC. Throws `bad_request`. */
export function parseEnd(text: string, from: number, where: string): string {
  if (/^\d+[a-z]$/.test(text)) return new Date(from + parseDuration(text, where) * 1000).toISOString();
  return parseInstant(text, where);
}

/** `2026-12-01 09:00`, in this machine's zone. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace('T', ' ');
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `in 2 hours`, `3 days ago`, `now`. */
export function relativeTime(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  const [unit, length] = units.find(([, least]) => Math.abs(ms) >= least) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat('en', { numeric: unit === 'second' ? 'auto' : 'always' }).format(
    Math.round(ms / length),
    unit,
  );
}

/** Both: `2026-12-01 09:00 (in 2 hours)`. */
export const when = (iso: string, now: number): string => `${localTime(iso)} (${relativeTime(iso, now)})`;

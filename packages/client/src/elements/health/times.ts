import { formatDuration } from '../format.ts';
import type { ShownIncident } from './board.ts';
import type { HealthStrings } from './strings.ts';

/** A time of day, with the day where it is not that of now. */
export function formatTime(time: number, now: number, locale: string, isExact = false): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(locale, {
    ...{ hour: 'numeric', minute: '2-digit' },
    ...(isExact && { second: '2-digit' }),
    ...(!isToday && { day: 'numeric', month: 'short' }),
  }).format(time);
}

/** From when to when an incident was, how long, and whether it ended with its node: `11:02 to 11:05, 3 min`. */
export function formatIncident(
  { start, end, ended_by }: ShownIncident,
  now: number,
  words: HealthStrings & { locale: string },
): string {
  const { locale } = words;
  const lasted = Math.max(0, (end ?? now) - start);
  const duration = formatDuration(lasted, locale);
  // A short one begins and ends in one minute.
  const timeOf = (time: number) => formatTime(time, now, locale, lasted < 60_000);
  const from = timeOf(start);
  if (end === null) return words.since(from, duration);
  const when = words.fromTo(from, timeOf(end), duration);
  return ended_by === 'restart' ? words.untilRestart(when) : when;
}

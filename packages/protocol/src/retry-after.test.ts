import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-01-31T09:30:00Z');

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sat, 31 Jan 2026 09:30:07 GMT', 7_000],
  ['Sat, 31 Jan 2026 09:29:00 GMT', 0],
  ['Saturday, 31-Jan-26 09:30:01 GMT', 1_000],
  ['soon', 0],
  ['-5', 0],
  ['1.5', 0],
  ['1e3', 0],
  ['+15', 0],
  ['15, 15', 0],
  ['2026-01-31T09:30:07Z', 0],
  ['999999999999', 999_999_999_999_000],
  ['9'.repeat(20), 1e23],
  [null, 0],
])('reads %j as %d ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});

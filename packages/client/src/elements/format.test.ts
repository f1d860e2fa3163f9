import { expect, it } from 'vitest';
import { formatAgo, formatDuration, formatPercent, formatSize } from './format.ts';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [184_320, '184.3 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1 MB'],
  [2_140_000, '2.1 MB'],
  [7e12, '7 TB'],
  [7e15, '7,000 TB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatSize(bytes, 'en')).toBe(text);
});

it('writes sizes and times in the language it is given', () => {
  expect(formatSize(2_140_000, 'de')).toBe('2,1 MB');
  expect(formatPercent(46, 'en')).toBe('46%');
  expect(formatPercent(46, 'de')).toBe('46\u00a0%');
  expect(formatAgo('2026-03-02T09:55:00Z', Date.parse('2026-03-02T10:00:00Z'), 'de')).toBe('vor 5 m');
});

it.each([
  [0, 'now'],
  [59, 'now'],
  [60, '1m ago'],
  [3_599, '59m ago'],
  [3_600, '1h ago'],
  [86_400, 'yesterday'],
  [6 * 86_400, '6d ago'],
  [29 * 86_400, 'Feb 1, 2026'],
  [-300, 'now'],
])('calls %d seconds ago "%s"', (seconds, text) => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  expect(formatAgo(new Date(now - seconds * 1000).toISOString(), now, 'en')).toBe(text);
});

it('says nothing about a timestamp that is none', () => {
  expect(formatAgo('soon', Date.now(), 'en')).toBe('');
});

it.each([
  [-9_000, '5 sec'],
  [1, '5 sec'],
  [38_000, '40 sec'],
  [56_000, '1 min'],
  [135_000, '2 min'],
  [5_400_000, '1.5 hr'],
])('rounds an estimate of %d ms to %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds, 'en')).toBe(text);
});

import { expect, it } from 'vitest';
import { spreads, table } from './report.ts';

it('tells the median of all rounds and its spread, and nothing where a server has no figure', () => {
  const found = {
    ours: [{ connect: 300, ready: 410 }, { connect: 100, ready: 390 }, { connect: 120 }],
    theirs: [{ connect: 8 }, { connect: 9 }],
  };
  const measured = spreads(found);
  expect(measured).toEqual({
    ours: { connect: { median: 120, least: 100, most: 300 }, ready: { median: 400, least: 390, most: 410 } },
    theirs: { connect: { median: 8.5, least: 8, most: 9 } },
  });
  const lines = table(measured).split('\n');
  expect(lines[0]).toBe('| | ours | theirs |');
  expect(lines).toContain('| a new connection, CPU µs | 120 (100–300) | 8.5 (8.0–9.0) |');
  expect(lines).toContain('| start, ms | 400 (390–410) | – |');
});

import { expect, test } from 'vitest';
import { LogLimiter } from './log-limiter.ts';

test('what is repeated is logged once a second, with the number that were left out', () => {
  const limiter = new LogLimiter();
  expect(limiter.take('a', 1_000)).toEqual({});
  for (let n = 1; n <= 5; n++) expect(limiter.take('a', 1_000 + n)).toBeNull();
  expect(limiter.take('b', 1_500)).toEqual({});
  expect(limiter.take('a', 2_000)).toEqual({ repeated: 5 });
  expect(limiter.take('a', 4_000)).toEqual({});
});

import { expect, it } from 'vitest';
import { Backoff, backoffMs } from './backoff.ts';
import { ManualClock } from './testing/manual-clock.ts';

const options = { initialDelayMs: 100, maxDelayMs: 2_000 };

it('doubles the delay up to its limit, between half and all of it', () => {
  expect([1, 2, 3, 6, 40].map((n) => backoffMs(n, options, 1))).toEqual([100, 200, 400, 2_000, 2_000]);
  expect(backoffMs(3, options, 0)).toBe(200);
});

it('counts attempts that fail together once, and lasts as long as the server asks', async () => {
  const clock = new ManualClock();
  const backoff = new Backoff<string>(clock, options);
  expect([backoff.remainingMs, backoff.lastFailure]).toEqual([0, null]);
  backoff.failed('first');
  const pause = backoff.remainingMs;
  for (let n = 0; n < 10; n++) backoff.failed('with it');
  expect(backoff.remainingMs).toBe(pause);
  expect(pause).toBeLessThanOrEqual(100);
  backoff.failed('asked', 7_000);
  expect(backoff.remainingMs).toBe(7_000);
  backoff.failed('asked for too long', 3_600_000);
  expect(backoff.remainingMs).toBe(30_000);
});

it('ends by an attempt that began after the failure, not by one that was under way', async () => {
  const clock = new ManualClock();
  const backoff = new Backoff<string>(clock, options);
  const before = clock.now();
  await clock.advance(10);
  backoff.failed('away');
  await clock.advance(10);
  backoff.succeeded(before);
  expect(backoff.lastFailure).toBe('away');
  await clock.advance(100);
  expect(backoff.remainingMs).toBe(0);
  backoff.succeeded(clock.now());
  expect(backoff.lastFailure).toBeNull();
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

test.each([2 ** 31 + 5, Number.POSITIVE_INFINITY])('a wait of %d ms does not end at once', (ms) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const call = vi.fn();
  const cancel = systemClock.after(ms, call);
  vi.advanceTimersByTime(2 ** 31);
  expect(call).not.toHaveBeenCalled();
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});

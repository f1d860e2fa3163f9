import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { after } from './after.ts';

const longest = 2 ** 31 - 1;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([5, longest, longest + 1, 2 ** 31 + 5, 3 * longest + 7])('calls back once, in %d ms', (ms) => {
  const call = vi.fn();
  after(ms, call);
  vi.advanceTimersByTime(ms - 1);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(call).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test('with Infinity never calls back', () => {
  const call = vi.fn();
  const cancel = after(Number.POSITIVE_INFINITY, call);
  vi.advanceTimersByTime(5 * longest);
  expect(call).not.toHaveBeenCalled();
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([5, 3 * longest])('is cancelled at any time of %d ms', (ms) => {
  const call = vi.fn();
  const cancel = after(ms, call);
  vi.advanceTimersByTime(ms - 1);
  cancel();
  vi.advanceTimersByTime(ms);
  expect(call).not.toHaveBeenCalled();
});

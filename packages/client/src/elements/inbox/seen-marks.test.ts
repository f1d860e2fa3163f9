import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InboxItem } from '../../inbox-item.ts';
import { SeenMarks } from './seen-marks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const item = (id: string): InboxItem => ({ id, alertRev: 1, seen: false, read: false }) as InboxItem;

function marks() {
  const marked: string[] = [];
  const seen = new SeenMarks(async (ids) => void marked.push(...ids));
  return { seen, marked };
}

it('marks what was shown once, after a second', () => {
  const { seen, marked } = marks();
  seen.show([item('a')]);
  seen.show([item('a'), item('b')]);
  vi.advanceTimersByTime(999);
  expect(marked).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(marked).toEqual(['a', 'b']);
});

it('marks nothing for another user that the one before was shown', () => {
  const { seen, marked } = marks();
  seen.show([item('of the user before')]);
  seen.forget();
  seen.show([item('a')]);
  vi.advanceTimersByTime(2_000);
  expect(marked).toEqual(['a']);
});

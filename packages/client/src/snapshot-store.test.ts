import { beforeEach, expect, test, vi } from 'vitest';
import { SnapshotStore } from './snapshot-store.ts';
import { FakeClock } from './testing/fake-clock.ts';

let clock: FakeClock;
let value: number;
let store: SnapshotStore<{ value: number }>;
const listener = vi.fn();

beforeEach(() => {
  clock = new FakeClock();
  value = 0;
  vi.clearAllMocks();
  store = new SnapshotStore({ logger: console, clock }, (before) => (before?.value === value ? before : { value }));
  store.onChange(listener);
});

function set(to: number): void {
  value = to;
  store.changed();
}

test('calls its listeners at once, then once in 16 ms for all that changed, with the value always current', () => {
  for (let n = 1; n <= 100; n++) {
    set(n);
    expect(store.getSnapshot().value).toBe(n);
  }
  expect(listener).toHaveBeenCalledTimes(1);
  clock.advance(15);
  expect(listener).toHaveBeenCalledTimes(1);
  clock.advance(1);
  expect(listener).toHaveBeenCalledTimes(2);
  clock.advance(1_000);
  expect(listener).toHaveBeenCalledTimes(2);
});

test('keeps its snapshot, and calls nobody, where a change changed nothing', () => {
  set(1);
  const before = store.getSnapshot();
  clock.advance(16);
  set(1);
  clock.advance(16);
  expect(store.getSnapshot()).toBe(before);
  expect(listener).toHaveBeenCalledTimes(1);
});

test('keeps its snapshot while it is held, and calls once for all of it, whoever reads it before', () => {
  set(1);
  clock.advance(16);
  store.hold(false);
  set(2);
  set(3);
  expect(store.getSnapshot().value).toBe(1);
  store.release();
  expect(store.getSnapshot().value).toBe(3);
  expect(listener).toHaveBeenCalledTimes(2);
});

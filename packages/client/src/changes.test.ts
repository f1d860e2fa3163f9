import { beforeEach, expect, test, vi } from 'vitest';
import { Changes } from './changes.ts';
import { FakeClock } from './testing/fake-clock.ts';

let clock: FakeClock;
let value: number;
let changes: Changes<{ value: number }>;
const listener = vi.fn();

beforeEach(() => {
  clock = new FakeClock();
  value = 0;
  vi.clearAllMocks();
  changes = new Changes({ logger: console, clock }, (before) => (before?.value === value ? before : { value }));
  changes.onChange(listener);
});

function set(to: number): void {
  value = to;
  changes.changed();
}

test('calls its listeners at once, then once in 16 ms for all that changed, with the value always current', () => {
  for (let n = 1; n <= 100; n++) {
    set(n);
    expect(changes.snapshot.value).toBe(n);
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
  const before = changes.snapshot;
  clock.advance(16);
  set(1);
  clock.advance(16);
  expect(changes.snapshot).toBe(before);
  expect(listener).toHaveBeenCalledTimes(1);
});

test('keeps its snapshot while it is held, and calls once for all of it, whoever reads it before', () => {
  set(1);
  clock.advance(16);
  changes.hold();
  set(2);
  set(3);
  expect(changes.snapshot.value).toBe(1);
  changes.release();
  expect(changes.snapshot.value).toBe(3);
  expect(listener).toHaveBeenCalledTimes(2);
});

test('changes what is made of it at once, until that is ended', () => {
  const dependent = { changed: vi.fn() };
  const off = changes.feed(dependent);
  set(1);
  set(2);
  expect(dependent.changed).toHaveBeenCalledTimes(2);
  off();
  set(3);
  expect(dependent.changed).toHaveBeenCalledTimes(2);
});

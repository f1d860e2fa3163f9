import { expect, test } from 'vitest';
import type { Change } from '../domain/writes.ts';
import { systemClock } from '../jobs/system-clock.ts';
import { ChangeWatcher } from './change-watcher.ts';

const change = (id: string, rev = 1, kind: Change['kind'] = 'notification'): { change: Change } => ({
  change: { rev, id, kind, topics: [], viewers: null, body: '{}', alertRev: 0, recount: false },
});

/** Looks that are told apart: each is answered by the test. */
function looks() {
  const found: (string | null)[] = [];
  let count = 0;
  return {
    found,
    get count() {
      return count;
    },
    look: async () => found[count++] ?? null,
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('looks once, and again for each change of what is waited for, and for nothing else', async () => {
  const watch = new ChangeWatcher(systemClock);
  const eye = looks();
  const seen = watch.waitFor(['a', 'answer'], { ms: null }, eye.look);
  await settled();
  expect(eye.count).toBe(1);
  watch.deliver(change('b', 1));
  await settled();
  expect(eye.count).toBe(1);
  watch.deliver(change('a', 2));
  await settled();
  expect(eye.count).toBe(2);
  eye.found[2] = 'there';
  watch.deliver(change('answer:n', 3, 'answer'));
  expect(await seen).toBe('there');
  expect(watch.lastRev).toBe(3);
  watch.deliver(change('a', 4));
  await settled();
  expect(eye.count).toBe(3);
});

test('a change that comes in the middle of a look is looked at after it', async () => {
  const watch = new ChangeWatcher(systemClock);
  let count = 0;
  const seen = watch.waitFor(['a'], { ms: null }, async () => {
    if (++count === 2) return 'second';
    watch.deliver(change('a'));
    watch.deliver(change('a'));
    return null;
  });
  expect(await seen).toBe('second');
});

test('ends without a change by time, by signal, or because all does', async () => {
  const watch = new ChangeWatcher(systemClock);
  const none = async () => null;
  expect(await watch.waitFor(['a'], { ms: 0 }, none)).toBeNull();
  const leaving = new AbortController();
  const left = watch.waitFor(['a'], { ms: null, signal: leaving.signal }, none);
  leaving.abort();
  expect(await left).toBeNull();
  expect(await watch.waitFor(['a'], { ms: null, signal: AbortSignal.abort() }, async () => 'seen')).toBe('seen');
  const closed = watch.waitFor(['a'], { ms: null }, none);
  watch.close();
  expect(await closed).toBeNull();
  expect(await watch.waitFor(['a'], { ms: null }, none)).toBeNull();
});

test('looks again when the history takes another turn, and hears its revs though they are lower', async () => {
  const watch = new ChangeWatcher(systemClock);
  const eye = looks();
  watch.deliver(change('b', 9));
  const seen = watch.waitFor(['a'], { ms: null }, eye.look);
  await settled();
  watch.historyChanged();
  await settled();
  expect([eye.count, watch.lastRev]).toEqual([2, 0]);
  eye.found[2] = 'there';
  watch.deliver(change('a', 3));
  expect(await seen).toBe('there');
});

test('a look that fails ends the waiting with its failure', async () => {
  const watch = new ChangeWatcher(systemClock);
  const seen = watch.waitFor(['a'], { ms: null }, async () => {
    throw new Error('the disk failed');
  });
  await expect(seen).rejects.toThrow('the disk failed');
});

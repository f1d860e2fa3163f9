import { afterEach, expect, test } from 'vitest';
import { storeForFile } from '../../testing/file-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { put } from '../../testing/temp-store.ts';
import { cursorAt, tick, until, World, type WorldOptions } from '../../testing/world.ts';

const store = storeForFile();
let world: World;
afterEach(() => {
  world.end();
});

/** A server whose users have each missed so many records since their cursors. */
async function behind(
  users: readonly string[],
  limits: WorldOptions['limits'],
  { clock, size = 0 }: { clock?: ManualClock; size?: number } = {},
) {
  world = new World(store, { limits: { pageSize: 2, ...limits }, ...(clock ? { clock } : {}) });
  world.hub.start(await store.head());
  for (const user of users) await world.meet(`/ws/?user=${user}`);
  const { term, head } = await store.head();
  const data = { text: 'x'.repeat(size) };
  const body = JSON.stringify({ type: 'user_message', timestamp: '2026-01-31T09:30:00.000Z', data });
  for (const user of users)
    await store.commit(Array.from({ length: 5 }, () => put({ topics: [`user:${user}`], body })));
  await world.settle();
  const back = (user: string, isStalled = false) =>
    world.connect(`/ws/?user=${user}&cursor=${cursorAt(user, term, head)}`, (one) => isStalled && one.stall());
  return { back };
}

/** Lets the store answer what was asked. */
async function quiet(): Promise<void> {
  for (let n = 0; n < 20; n++) await store.head().then(tick);
}

test('so many are open at a time, until their clients have taken all; others wait for their turn', async () => {
  const { back } = await behind(['a', 'b', 'c'], { openCatchUps: 2 });
  const [a, b, c] = [await back('a', true), await back('b', true), await back('c')];
  await quiet();
  expect([world.catchUps.open, world.catchUps.waiting, c.received.length]).toEqual([2, 1, 0]);
  a.flow();
  await until(() => a.of('synced').length === 1 && c.of('synced').length === 1);
  expect([a, c].map(({ records }) => records.length)).toEqual([5, 5]);
  b.cut();
  await quiet();
  expect([world.catchUps.open, world.catchUps.waiting]).toEqual([0, 0]);
});

test('a user with many connections has a share of them, and others do not wait', async () => {
  const { back } = await behind(['many', 'one'], { openCatchUps: 3, openCatchUpsPerUser: 2 });
  const stalled = [await back('many', true), await back('many', true), await back('many', true)];
  const other = await back('one');
  await until(() => other.of('synced').length === 1);
  expect([world.catchUps.open, world.catchUps.waiting]).toEqual([2, 1]);
  for (const one of stalled) one.flow();
  await until(() => stalled.every((one) => one.of('synced').length === 1));
});

test('who is connected can follow a task while others wait to catch up', async () => {
  const { back } = await behind(['live', 'stalled'], { openCatchUps: 1 });
  const live = await back('live');
  await until(() => live.of('synced').length === 1);
  await back('stalled', true);
  await quiet();
  expect(world.catchUps.open).toBe(1);
  await store.commit([put({ id: 'task:t', kind: 'task', topics: ['task:t', 'user:live'], alert: 'never' })]);
  live.say({ action: 'subscribe', task_id: 't', ref: 1 });
  await until(() => live.received.some(({ type, ref }) => ref === 1 && type !== 'error'));
});

test('a client that reads nothing of its catch-up is closed after a while, and one that reads a little is not', async () => {
  const clock = new ManualClock();
  const limits = { catchUpStallMs: 5_000, pingIntervalMs: 1e9 };
  const { back } = await behind(['stopped', 'slow'], limits, { clock });
  const [stopped, slow] = [await back('stopped', true), await back('slow', true)];
  await quiet();
  for (let second = 0; second < 8; second++) {
    clock.jump(1_000);
    slow.take(600);
    await quiet();
    await world.sweep();
  }
  expect(stopped.closed?.code).toBe(4408);
  expect(slow.closed).toBeNull();
  expect(world.counters.refused.catchUpStallMs).toBe(1);
  slow.flow();
  await until(() => slow.of('synced').length === 1);
  expect(slow.records).toHaveLength(5);
});

test('on a busy stream the place of a catch-up is free once nothing of it waits', async () => {
  const { back } = await behind(['busy'], { openCatchUps: 1, pageSize: 500 }, { size: 40_000 });
  const busy = await back('busy', true);
  await quiet();
  await store.commit(Array.from({ length: 5 }, () => put({ topics: ['user:busy'] })));
  await world.settle();
  await world.sweep();
  await quiet();
  expect(world.catchUps.open).toBe(1);
  // Reads one record at a time, while others come: something always waits.
  for (let n = 0; n < 8; n++) {
    await store.commit(Array.from({ length: 10 }, () => put({ topics: ['user:busy'] })));
    busy.take(40_200);
    await quiet();
  }
  await world.sweep();
  await quiet();
  expect(busy.waiting).toBeGreaterThan(0);
  expect([world.catchUps.open, busy.closed]).toEqual([0, null]);
});

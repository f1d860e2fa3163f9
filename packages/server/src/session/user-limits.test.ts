import { afterEach, expect, test } from 'vitest';
import { storeForFile } from '../../testing/file-store.ts';
import { put } from '../../testing/temp-store.ts';
import { until, World, type WorldOptions } from '../../testing/world.ts';

const store = storeForFile();
let world: World;
afterEach(() => {
  world.end();
});

async function serve(limits: WorldOptions['limits']): Promise<void> {
  world = new World(store, { limits });
  world.hub.start(await store.head());
}

const body = JSON.stringify({ type: 'news', timestamp: '2026-01-31T09:30:00.000Z', data: { text: 'x'.repeat(1_000) } });

async function publish(topic: string, count: number): Promise<void> {
  await store.commit(Array.from({ length: count }, () => put({ topics: [topic], body })));
  await world.settle();
}

test('the slow connections of a user share a limit: of them the slowest are closed, and those that read are not', async () => {
  await serve({ outboxBytes: 1e6, outboxBytesPerUser: 20_000 });
  const [slowest, slow, quick, other] = [
    await world.join('/ws/?user=ann'),
    await world.join('/ws/?user=ann'),
    await world.join('/ws/?user=ann'),
    await world.join('/ws/?user=ben'),
  ];
  for (const one of [slowest, other]) one.stall();
  await publish('everyone', 5);
  slow.stall();
  await publish('everyone', 5);
  expect([slowest, slow, quick, other].map(({ closed }) => closed)).toEqual([null, null, null, null]);
  await publish('everyone', 10);
  expect([slowest, slow, quick, other].map(({ closed }) => closed?.code)).toEqual([
    4408,
    undefined,
    undefined,
    undefined,
  ]);
  expect(world.counters.refused).toMatchObject({ outboxBytesPerUser: 1, outboxBytes: 0 });
  expect(quick.of('news')).toHaveLength(20);
  slow.flow();
  await until(() => slow.of('news').length === 20);
  expect(world.unaccounted).toBe(0);
});

test('a user follows so many topics on all connections together, whichever of them asks, and however', async () => {
  await serve({ maxTopicsPerUser: 7 });
  // Each inbox is two topics: the user's own and everyone's.
  const [first, second] = [await world.join('/ws/?user=ann'), await world.join('/ws/?user=ann')];
  const ask = async (connection: typeof first, name: string) => {
    connection.say({ action: 'subscribe', task_id: name, ref: name });
    await until(() => connection.received.some(({ ref }) => ref === name));
    return connection.received.find(({ ref }) => ref === name)?.code;
  };
  expect(await ask(first, 't1')).toBeUndefined();
  expect(await ask(second, 't2')).toBeUndefined();
  expect(await ask(first, 't3')).toBeUndefined();
  expect(await ask(second, 't4')).toBe('too_many');
  const third = await world.join('/ws/?user=ann&topics=task:t5,task:t6');
  await until(() => third.of('error').length > 0);
  expect(third.of('error')[0]).toMatchObject({
    code: 'too_many',
    message: expect.stringMatching(/the last 2 are not followed/),
  });
  expect(await ask(await world.join('/ws/?user=ben'), 't1')).toBeUndefined();
  first.say({ action: 'unsubscribe', task_id: 't1', ref: 'out' });
  second.cut();
  third.cut();
  expect(await ask(first, 't4')).toBeUndefined();
  expect(world.counters.refused).toMatchObject({ maxTopicsPerUser: 2, maxTopics: 0 });
});

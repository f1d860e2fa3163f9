import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeForFile } from '../../testing/file-store.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { put } from '../../testing/temp-store.ts';
import { until, World } from '../../testing/world.ts';

const store = storeForFile();
let world: World;
beforeEach(async () => {
  world = new World(store, { limits: { pingIntervalMs: 0 } });
  world.hub.start(await store.head());
  await world.meet('/ws/?user=ann');
  await world.settle();
});
afterEach(() => {
  world.end();
});

async function publish(count: number): Promise<void> {
  await store.commit(Array.from({ length: count }, () => put({ topics: ['user:ann'] })));
  await world.settle();
}
const cursorOf = ({ received }: MemoryConnection): string =>
  String(received.findLast(({ cursor }) => typeof cursor === 'string')?.cursor);

test('records on a socket have arrived once a ping behind them was answered', async () => {
  const socket = await world.join('/ws/?user=ann');
  await world.sweep();
  const { acknowledged } = world.counters;
  await publish(3);
  expect(world.counters.acknowledged).toBe(acknowledged);
  await world.sweep();
  expect(world.counters.acknowledged - acknowledged).toBe(3);
  // The ping is written, so that the next two records are what fills the connection, and the two behind them wait.
  await world.settle();
  socket.stall();
  await publish(2);
  await publish(2);
  await world.sweep();
  socket.cut();
  expect(world.counters.acknowledged - acknowledged).toBe(5);
  expect(world.unaccounted).toBe(0);
});

test('records of a stream or poll have arrived once its client comes back with the cursor behind them, and each counts once', async () => {
  const open = async (query: string) => {
    const connection = await world.connect(`/ws/?user=ann${query}`, (one) =>
      Object.assign(one, { traits: { ...one.traits, deliveredBy: 'cursor', answersProbes: false } }),
    );
    await until(() => connection.of('synced').length > 0);
    return connection;
  };
  const first = await open('');
  const early = cursorOf(first);
  first.cut();
  (await open(`&cursor=${early}`)).cut();
  const { acknowledged } = world.counters;
  const lost = await open(`&cursor=${early}`);
  await publish(2);
  lost.cut();
  const again = await open(`&cursor=${early}`);
  expect(again.records).toHaveLength(2);
  await publish(1);
  again.cut();
  expect(world.counters.acknowledged).toBe(acknowledged);
  for (let n = 0; n < 2; n++) {
    (await open(`&cursor=${cursorOf(again)}`)).cut();
    expect(world.counters.acknowledged - acknowledged).toBe(3);
  }
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { ReferenceClient } from '../../testing/reference-client.ts';
import { put, sqliteStore, storeWith, TempFolder } from '../../testing/temp-store.ts';
import { until, World } from '../../testing/world.ts';
import type { Store } from '../domain/ports.ts';
import type { PutWrite } from '../domain/writes.ts';

const folder = new TempFolder();
let store: Store;
let world: World;
let clock: ManualClock;
let reads: string[];
let isAway: boolean;
let run = 0;
beforeAll(async () => {
  store = sqliteStore(prepared(folder.file()));
  await store.open();
});
beforeEach(async () => {
  run++;
  reads = [];
  isAway = false;
  const counts: Store['counts'] = (userId) => {
    reads.push(userId);
    return isAway ? Promise.reject(new Error('away')) : store.counts(userId);
  };
  clock = new ManualClock();
  world = new World(store, { reads: storeWith(store, { counts }), clock });
  world.hub.start(await store.head());
});
afterEach(() => {
  world.end();
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

/** A name of this test's own. */
const own = (name: string): string => `${name}${run}`;
const changed = (id: string, over: Partial<PutWrite>): PutWrite => put({ id, expect: undefined, ...over });
const settled = async () => {
  await world.settle();
  await clock.advance(20);
  await world.settle();
};

test('what a frame does not tell of the count is told by one frame to each session of its users, by one read for each user', async () => {
  await store.commit([
    ...['a', 'b', 'c', 'd'].map((id) => put({ id: own(id), topics: [`role:${own('team')}`], category: 'x' })),
    put({ id: own('own'), topics: [`user:${own('ann')}`] }),
  ]);
  const anns = await Promise.all([1, 2, 3].map(() => world.join(`/ws/?user=${own('ann')}&roles=${own('team')}`)));
  const bob = await world.join(`/ws/notifications/?user=${own('bob')}&roles=${own('team')}`);
  await store.commit([
    changed(own('a'), { topics: [`role:${own('team')}`], kind: 'retracted', alert: 'never' }),
    changed(own('b'), { topics: [`role:${own('team')}`], alert: 'keep', expired: true, category: 'x' }),
    changed(own('c'), { topics: [`role:${own('team')}`], alert: 'ask', category: 'y' }),
  ]);
  await settled();
  await until(() => [...anns, bob].every((connection) => connection.of('unread_count').length === 1));
  await settled();
  const { head } = await store.head();
  for (const connection of anns) {
    expect(connection.of('unread_count')).toEqual([
      { type: 'unread_count', unread_count: 3, categories: { x: 1, y: 1 }, as_of: head },
    ]);
  }
  expect(bob.of('unread_count')).toMatchObject([{ unread_count: 2 }]);
  expect(reads.sort()).toEqual([own('ann'), own('bob')]);
});

test('an edit, a new notification and a receipt ask for no count', async () => {
  await store.commit([put({ id: own('a'), topics: [`user:${own('ann')}`] })]);
  const ann = await world.join(`/ws/?user=${own('ann')}&roles=${own('team')}`);
  await store.commit([
    changed(own('a'), { topics: [`user:${own('ann')}`], alert: 'keep' }),
    put({ topics: [`user:${own('ann')}`] }),
  ]);
  await world.settle();
  ann.say({ action: 'mark_read', id: own('a'), ref: 1 });
  await until(() => ann.of('reply').length === 1);
  await settled();
  expect(ann.of('receipts')).toHaveLength(1);
  expect(ann.of('unread_count')).toEqual([]);
  expect(reads).toEqual([]);
});

test('who does not hear what the inbox is made of is told no count of it', async () => {
  await store.commit([put({ id: own('a'), topics: [`user:${own('ann')}`] })]);
  const tasks = await world.join(`/ws/tasks/?user=${own('ann')}`);
  const other = await world.join(`/ws/?user=${own('bob')}`);
  await store.commit([changed(own('a'), { topics: [`user:${own('ann')}`], kind: 'retracted', alert: 'never' })]);
  await settled();
  expect(tasks.records.at(-1)?.id).toBe(own('a'));
  expect([...tasks.of('unread_count'), ...other.of('unread_count')]).toEqual([]);
  expect(reads).toEqual([]);
});

test('a session that is gone by then, and a count that cannot be read, harm nobody', async () => {
  await store.commit([
    put({ id: own('a'), topics: [`role:${own('team')}`] }),
    put({ id: own('b'), topics: [`role:${own('team')}`] }),
  ]);
  const [gone, stays] = [
    await world.join(`/ws/?user=${own('ann')}&roles=${own('team')}`),
    await world.join(`/ws/?user=${own('ann')}&roles=${own('team')}`),
  ];
  isAway = true;
  await store.commit([changed(own('a'), { topics: [`role:${own('team')}`], kind: 'retracted', alert: 'never' })]);
  await settled();
  expect(world.events).toContainEqual(expect.objectContaining({ type: 'failure', where: 'counts' }));
  isAway = false;
  await store.commit([changed(own('b'), { topics: [`role:${own('team')}`], kind: 'retracted', alert: 'never' })]);
  await world.settle();
  gone.cut();
  await clock.advance(20);
  await until(() => stays.of('unread_count').length === 1);
  expect(stays.of('unread_count')[0]).toMatchObject({ unread_count: 0 });
});

test('a role that is gained by then counts, though this node has not heard of it yet', async () => {
  const [role, ann] = [own('late'), own('ann')];
  await store.commit([put({ id: own('a'), topics: [`user:${ann}`] }), put({ topics: [`role:${role}`] })]);
  const client = new ReferenceClient(world, `/ws/?user=${ann}`);
  await client.connect();
  await until(() => client.isSynced);
  const late: Parameters<World['broker']['publish']>[0][] = [];
  const publish = world.broker.publish.bind(world.broker);
  const [session] = world.registry.ofUser(ann);
  world.broker.publish = (batch) => void late.push(batch);
  await world.roles.set(ann, [role]);
  session?.refreshUnreadCount();
  await clock.advance(20);
  await until(() => reads.length === 1);
  world.broker.publish = publish;
  for (const batch of late) publish(batch);
  await until(() => client.connection?.received.at(-1)?.type === 'user_message');
  const as_of = (await store.head()).head;
  const told = client.connection?.received.filter((frame) => 'as_of' in frame && frame.type !== 'synced');
  expect(told).toMatchObject([
    { type: 'unread_count', unread_count: 2, as_of },
    { type: 'topic_joined', unread_count: 2, as_of },
  ]);
  client.apply();
  expect(client.count).toBe(2);
  expect(reads).toHaveLength(1);
});

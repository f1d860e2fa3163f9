import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { World } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import { notify } from '../commands/notify.ts';
import type { Ephemeral } from '../domain/ports.ts';

/** Loses what `loses` says, and delivers what `delays` says when it is told to. */
class LossyEphemeral extends MemoryEphemeral {
  loses: (channel: string, text: string) => boolean = () => false;
  delays: (channel: string) => boolean = () => false;
  readonly #delayed: [string, string][] = [];
  override publish(channel: string, text: string): void {
    if (this.loses(channel, text)) return;
    if (this.delays(channel)) this.#delayed.push([channel, text]);
    else super.publish(channel, text);
  }
  deliver(): void {
    this.delays = () => false;
    for (const [channel, text] of this.#delayed.splice(0)) super.publish(channel, text);
  }
}

let folder: TempFolder;
let ephemeral: LossyEphemeral;
let nodes: [World, World];
let clock: ManualClock;

beforeEach(async () => {
  folder = new TempFolder();
  ephemeral = new LossyEphemeral();
  clock = new ManualClock();
  nodes = [await node(ephemeral, 'a.db'), await node(ephemeral, 'b.db')];
});
afterEach(async () => {
  await Promise.all(nodes.map((world) => world.close()));
  folder.remove();
});

const node = (ephemeral: Ephemeral, file: string): Promise<World> =>
  new World(sqliteStore(prepared(folder.file(file))), { ephemeral, clock }).open();

const users = async (world: World) =>
  [...(await world.presence.users())].sort((a, b) => (a.user_id < b.user_id ? -1 : 1));

test('lists the users of all nodes, each once with the connections of all of them', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  const all = [
    { user_id: 'ann', username: 'ann', connections: 2 },
    { user_id: 'bob', username: 'bob', connections: 1 },
  ];
  expect(await users(here)).toEqual(all);
  expect(await users(there)).toEqual(all);
  const connections = await here.presence.connections('ann', true);
  expect(connections.map(({ round_trip_ms }) => round_trip_ms)).toEqual([1, 1]);
  expect(new Set(connections.map(({ session_id }) => session_id)).size).toBe(2);
});

test('brings an answer whole that does not fit into one message', async () => {
  const [here, there] = nodes;
  const names = Array.from({ length: 60 }, (_, n) => `${n}-${'ü'.repeat(200)}`).sort();
  for (const name of names) await there.join(`/ws/?user=${encodeURIComponent(name)}`);
  expect([...(await here.presence.ids())].sort()).toEqual(names);
});

/** The questions that nodes did not answer, as telemetry was told. */
const unanswered = (world: World) =>
  world.events.flatMap((event) => (event.type === 'node_unanswered' ? [event.asked] : []));
/** A message of a node that answers. */
const isAnswer = (channel: string) => channel.startsWith('answers:');

test('waits for the users of a node that is busy, until it answers', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  ephemeral.delays = isAnswer;
  const found = Promise.all([here.presence.ids(), users(here), here.presence.connections('bob', false)]);
  await clock.advance(4_000);
  ephemeral.deliver();
  const [ids, view, connections] = await found;
  expect(ids).toEqual(['ann', 'bob']);
  expect(view).toEqual(await users(there));
  expect(connections).toHaveLength(1);
  expect(unanswered(here)).toEqual([]);
});

test('asks again where an answer is lost, or a part of it', async () => {
  const [here, there] = nodes;
  for (let n = 0; n < 60; n++) await there.join(`/ws/?user=${n}-${'u'.repeat(200)}`);
  let answers = 0;
  ephemeral.loses = (channel) => isAnswer(channel) && ++answers === 1;
  const found = users(here);
  await clock.advance(4_000);
  expect(await found).toEqual(await users(there));
  expect(answers).toBeGreaterThan(2);
  expect(unanswered(here)).toEqual([]);
});

test('goes on without a node that is heard and does not answer, which is told once', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  ephemeral.loses = isAnswer;
  for (let n = 0; n < 2; n++) {
    const found = users(here);
    await clock.advance(4_500);
    there.presence.announce();
    expect(await found).toEqual([{ user_id: 'ann', username: 'ann', connections: 1 }]);
  }
  expect(unanswered(here)).toEqual(['users']);
  ephemeral.loses = () => false;
  expect(await users(here)).toHaveLength(2);
});

test('waits for a node that has died no longer than until it is missed', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  ephemeral.loses = () => true;
  const found = [here.presence.ids(), here.presence.ids()];
  await clock.advance(5_500);
  expect(await Promise.all(found)).toEqual([['ann'], ['ann']]);
  expect(unanswered(here)).toEqual(['users']);
  // It is not waited for any more.
  expect(await here.presence.ids()).toEqual(['ann']);
  expect(unanswered(here)).toHaveLength(1);
});

test('misses no node for the time in which it was busy itself', async () => {
  const [here, there] = nodes;
  await there.join('/ws/?user=bob');
  clock.jump(60_000);
  expect(await here.presence.ids()).toEqual(['bob']);
  ephemeral.delays = isAnswer;
  const found = here.presence.ids();
  clock.jump(60_000);
  ephemeral.deliver();
  expect(await found).toEqual(['bob']);
});

test('waits no longer for a node that leaves, and has nothing to tell of it', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  ephemeral.loses = isAnswer;
  const found = here.presence.ids();
  there.presence.close();
  expect(await found).toEqual(['ann']);
  expect(unanswered(here)).toEqual([]);
});

test('does not wait for a node that has closed, and finds one that came back', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  there.presence.close();
  expect(await users(here)).toHaveLength(1);
  const back = await node(ephemeral, 'c.db');
  await back.join('/ws/?user=bob');
  expect(await users(here)).toHaveLength(2);
  expect(await users(back)).toHaveLength(2);
  await back.close();
});

test('a notification for everybody who is connected is for those on other nodes too', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  const caller = { kind: 'back_end', scope: 'test' } as const;
  const { id } = await notify(here.context, caller, { to: { connected: true }, message: 'We restart at noon' });
  expect((await here.store.record(id))?.topics).toEqual(['user:ann', 'user:bob']);
});

test('between two polls a user is connected, until the client has had the time to ask again', async () => {
  const [here] = nodes;
  const poll = () =>
    here.connect('/ws/?user=ann', (one) => Object.assign(one, { traits: { ...one.traits, transport: 'long_poll' } }));
  (await poll()).close(1000, '');
  expect(await users(here)).toEqual([{ user_id: 'ann', username: 'ann', connections: 1 }]);
  clock.jump(5_001);
  here.registry.sweep();
  expect(await users(here)).toEqual([]);
  (await poll()).close(1000, '');
  (await poll()).cut();
  expect(await users(here)).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { World } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import { notify } from '../commands/notify.ts';
import type { Ephemeral } from '../domain/ports.ts';

/** Loses what `loses` says. */
class LossyEphemeral extends MemoryEphemeral {
  loses: (channel: string, text: string) => boolean = () => false;
  override publish(channel: string, text: string): void {
    if (!this.loses(channel, text)) super.publish(channel, text);
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

test('goes on with what came where a part of an answer is lost, or a node has died', async () => {
  const [here, there] = nodes;
  await here.join('/ws/?user=ann');
  await there.join('/ws/?user=bob');
  ephemeral.loses = (channel) => channel.startsWith('answers:');
  const found = users(here);
  await clock.advance(1_000);
  expect(await found).toEqual([{ user_id: 'ann', username: 'ann', connections: 1 }]);
  ephemeral.loses = () => false;
  expect(await users(here)).toHaveLength(2);
  // A node that says nothing any more is not waited for.
  ephemeral.loses = () => true;
  await clock.advance(6_000);
  expect(await users(here)).toHaveLength(1);
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

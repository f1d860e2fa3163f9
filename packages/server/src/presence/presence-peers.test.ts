import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresFixture } from '../../testing/databases.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { PresenceView } from '../../testing/presence-view.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';
import { member } from '../../testing/temp-store.ts';
import { tick, until, World, type WorldOptions } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import { readPresence, setPresence } from '../commands/presence.ts';
import type { Store } from '../domain/ports.ts';
import { parseRoom, type Room } from '../domain/rooms.ts';

/** Loses what `loses` says. */
class LossyEphemeral extends MemoryEphemeral {
  loses: (channel: string) => boolean = () => false;
  messages = 0;
  override publish(channel: string, text: string): void {
    if (channel.startsWith('presence:')) this.messages++;
    if (!this.loses(channel)) super.publish(channel, text);
  }
}

const isPresence = (channel: string) => channel.startsWith('presence:');
let fixture: StoreFixture;
let clock: ManualClock;
let ephemeral: LossyEphemeral;
let stores: Store[];
let nodes: World[];
let made = 0;
let room: string;
let topic: string;

beforeAll(async () => {
  fixture = await postgresFixture();
});
afterAll(() => fixture.remove());
beforeEach(async () => {
  clock = new ManualClock(Date.now());
  ephemeral = new LossyEphemeral();
  stores = [];
  nodes = [];
  room = `project:${++made}`;
  topic = `room:${room}`;
  await aNode();
  await aNode();
});
afterEach(async () => {
  for (const node of nodes) await node.presencePeers?.close();
  for (const node of nodes) node.end();
  for (const store of stores) await store.close();
});

async function aNode(options: WorldOptions = {}): Promise<World> {
  const store = fixture.make(() => clock.now());
  stores.push(store);
  const node = await new World(store, { clock, ephemeral, ...options }).open();
  nodes.push(node);
  return node;
}

/** Lets messages come, and what is written at once. */
async function pass(ms = 100): Promise<void> {
  await tick();
  await clock.advance(ms);
  await tick();
}
/** Does the work of so many seconds, on the nodes that live. */
async function live(seconds: number, living: readonly World[] = nodes): Promise<void> {
  for (let n = 0; n < seconds * 2; n++) {
    await pass(500);
    for (const node of living) {
      node.presence.announce();
      if (n % 2 === 0) await node.presencePeers?.writeAll();
      if (n % 3 === 0) await node.presencePeers?.compare();
    }
  }
  await pass();
}
async function asTimePasses(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1_000 && !condition(); n++) {
    await clock.advance(n % 10 === 0 ? 50 : 0);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await pass();
}
async function come(node: World, user: string): Promise<MemoryConnection> {
  await stores[0]?.commit([member(user, topic, 'r')]);
  const connection = await node.join(`/ws/projects/${made}/?user=${user}`);
  await asTimePasses(() => frames(connection) > 0);
  return connection;
}
/** The poll of a session `tab1`, from the cursor of the one before. */
async function poll(node: World, user: string, before?: MemoryConnection): Promise<MemoryConnection> {
  await stores[0]?.commit([member(user, topic, 'r')]);
  await node.hub.compare();
  await clock.advance(5);
  const cursor = before?.received.findLast((frame) => frame.cursor)?.cursor as string | undefined;
  const more: Record<string, string> = cursor === undefined ? { subscribe: topic } : { topics: topic, cursor };
  const connection = await node.connect(`/ws/?${new URLSearchParams({ user, session: 'tab1', ...more })}`, (one) =>
    Object.assign(one, { traits: { ...one.traits, transport: 'long_poll' } }),
  );
  await until(() => connection.of(cursor === undefined ? 'ping' : 'synced').length > 0);
  await pass();
  return connection;
}
/** Says a state over HTTP. */
async function say(node: World, user: string, state: object): Promise<void> {
  const [any] = nodes.flatMap(({ registry }) => registry.ofUser('ann'));
  const identity = { ...(any as NonNullable<typeof any>).identity, id: user, username: user };
  const person = { kind: 'person', identity, connection: null } as const;
  await setPresence(node.context, person, parseRoom(room) as Room, { state, session: 'tab1' });
}
async function setState(connection: MemoryConnection, state: object): Promise<void> {
  connection.say({ action: 'presence', room, state, ref: 1 });
  await until(() => connection.received.some(({ ref }) => ref === 1));
  expect(connection.received.find(({ ref }) => ref === 1)).toMatchObject({ type: 'reply' });
  for (const frame of connection.received) delete frame.ref;
}
const viewOf = (connection: MemoryConnection) => PresenceView.of(room, connection.received);
const frames = (connection: MemoryConnection) => connection.of('presence').length;

describe('two nodes', () => {
  test('show each other who is there, and who comes and goes', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(there, 'bob');
    expect(viewOf(bob).users).toEqual(['ann', 'bob']);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    await setState(ann, { line: 1 });
    await pass();
    expect(viewOf(bob).statesOf('ann')).toEqual([{ line: 1 }]);
    const tab = await come(there, 'ann');
    expect(viewOf(bob).statesOf('ann')).toHaveLength(2);
    expect(viewOf(tab).members).toEqual(viewOf(ann).members);
    ann.cut();
    await pass();
    expect(viewOf(bob).statesOf('ann')).toEqual([{}]);
    tab.cut();
    await live(6);
    expect(viewOf(bob).users).toEqual(['bob']);
    const third = await aNode();
    await live(1);
    const { items } = await readPresence(third.context, null, parseRoom(room) as Room);
    expect(items).toMatchObject([{ user_id: 'bob', username: 'bob' }]);
  });

  test('do not show that somebody leaves who comes back on the other', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(here, 'bob');
    await setState(bob, { line: 1 });
    await live(1);
    bob.cut();
    await pass(2_000);
    const again = await come(there, 'bob');
    await live(10);
    const seen = ann.of('presence').filter((frame) => frame.left || (frame.joined as object | undefined));
    expect(seen).toHaveLength(1);
    expect(viewOf(ann).statesOf('bob')).toEqual([{}]);
    again.say({ action: 'presence', room, state: { now: 1 } });
    await pass();
    expect(viewOf(ann).statesOf('bob')).toEqual([{ now: 1 }]);
  });

  test('do not blink: the state of who comes back on the other is shown until the next one is said', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(here, 'bob');
    await setState(bob, { line: 1 });
    await live(1);
    const before = ann.of('presence').length;
    bob.cut();
    await pass(1_000);
    const again = await come(there, 'bob');
    again.say({ action: 'presence', room, state: { line: 2 } });
    await live(2);
    const states = ann
      .of('presence')
      .slice(before)
      .map((frame) => Object.values((frame.changed as { bob: { sessions: object } }).bob.sessions));
    expect(states).toEqual([[{ line: 2 }]]);
  });

  test('keep the state of a session whose polls, and what it says, come to either', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const states = () => viewOf(ann).members?.bob?.sessions;
    const first = await poll(there, 'bob');
    await asTimePasses(() => viewOf(first).users.length === 2 && viewOf(ann).users.length === 2);
    await say(here, 'bob', { line: 1 });
    await pass();
    expect(states()).toEqual({ tab1: { line: 1 } });
    const seen = frames(ann);
    // The trace of that here has ended, and the poll has it.
    await live(7);
    expect([states(), frames(ann)]).toEqual([{ tab1: { line: 1 } }, seen]);
    first.close(1000, '');
    const second = await poll(here, 'bob', first);
    await live(7);
    expect([states(), frames(ann)]).toEqual([{ tab1: { line: 1 } }, seen]);
    await say(there, 'bob', { line: 2 });
    await say(here, 'bob', { line: 3 });
    await live(7);
    expect(states()).toEqual({ tab1: { line: 3 } });
    // Of one that is gone, what it says is shown for a while.
    second.cut();
    await say(there, 'bob', { line: 4 });
    await live(2);
    expect(states()).toEqual({ tab1: { line: 4 } });
    await live(6);
    expect(viewOf(ann).users).toEqual(['ann']);
  });

  test('find within five seconds what a lost message said', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(there, 'bob');
    const cem = await come(there, 'cem');
    await live(2);
    ephemeral.loses = isPresence;
    await setState(bob, { lost: 1 });
    cem.say({ action: 'unsubscribe', room });
    await until(() => cem.of('unsubscribed').length > 0);
    const dan = await come(there, 'dan');
    await pass();
    expect(viewOf(ann).users).toEqual(['ann', 'bob', 'cem']);
    await live(5);
    expect(viewOf(ann).statesOf('bob')).toEqual([{ lost: 1 }]);
    expect(viewOf(ann).users).toEqual(['ann', 'bob', 'dan']);
    ephemeral.loses = () => false;
    await setState(dan, { next: 1 });
    await pass();
    expect(viewOf(ann).statesOf('dan')).toEqual([{ next: 1 }]);
  });

  test('forget who was on a node that died, when its lease ends, and nobody on one that is slow', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    await come(there, 'bob');
    await live(10);
    const before = frames(ann);
    await live(6, [here]);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    await live(2);
    expect(frames(ann)).toBe(before);
    await live(10, [here]);
    expect(viewOf(ann).users).toEqual(['ann']);
    // It was not dead: it comes back as it was.
    await live(4);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    clock.jump(120_000);
    await live(12, [here]);
    expect(viewOf(ann).users).toEqual(['ann']);
    await live(6);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
  });

  test('forget nobody because the database was away for a while', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    await come(there, 'bob');
    await live(10);
    const before = frames(ann);
    for (let n = 0; n < 30; n++) await pass(1_000);
    await here.presencePeers?.writeAll();
    await here.presencePeers?.compare();
    await live(10);
    expect(frames(ann)).toBe(before);
  });

  test('hand over whoever is on a node that is shut down', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(there, 'bob');
    await come(there, 'cem');
    await live(10);
    const before = frames(ann);
    there.registry.closeAll(0);
    there.presence.close();
    await there.presencePeers?.close();
    there.presenceService.close();
    expect(bob.closed).toMatchObject({ code: 1012 });
    await live(2, [here]);
    expect(frames(ann)).toBe(before);
    const again = await come(here, 'bob');
    expect(viewOf(again).users).toEqual(['ann', 'bob', 'cem']);
    await live(12, [here]);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    const comings = ann
      .of('presence')
      .slice(before)
      .filter((frame) => frame.joined || frame.left);
    expect(comings).toMatchObject([{ left: ['cem'] }]);
  });

  test('tell by the table what is too large for a message', async () => {
    const [, there] = nodes as [World, World];
    const big = await aNode({ limits: { presenceStateBytes: 20_000 } });
    const ann = await come(there, 'ann');
    const bob = await come(big, 'bob');
    await setState(bob, { text: '<é"'.repeat(3_000) });
    await live(3);
    expect(viewOf(ann).statesOf('bob')).toEqual([{ text: '<é"'.repeat(3_000) }]);
    await setState(bob, { small: 1 });
    await pass();
    expect(viewOf(ann).statesOf('bob')).toEqual([{ small: 1 }]);
  });

  test('write states once a second at most, and send 20 messages a second at most', async () => {
    const [here, there] = nodes as [World, World];
    const ann = await come(here, 'ann');
    const bob = await come(there, 'bob');
    await live(1);
    let writes = 0;
    const store = stores[0] as Store;
    const { writePresence } = store;
    store.writePresence = (...of) => {
      if (of[2].put.length > 0) writes++;
      return writePresence(...of);
    };
    ephemeral.messages = 0;
    for (let n = 0; n < 100; n++) {
      ann.say({ action: 'presence', room, state: { n } });
      await clock.advance(20);
    }
    await pass();
    expect(ephemeral.messages).toBeLessThanOrEqual(42);
    expect(ephemeral.messages).toBeGreaterThan(20);
    expect(writes).toBe(0);
    await live(1);
    expect(writes).toBe(1);
    expect(viewOf(bob).statesOf('ann')).toEqual([{ n: 99 }]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { PresenceView } from '../../testing/presence-view.ts';
import { member, sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { secret, token } from '../../testing/tokens.ts';
import { tick, until, World, type WorldOptions } from '../../testing/world.ts';
import { readPresence } from '../commands/presence.ts';
import type { Store } from '../domain/ports.ts';
import { parseRoom, type Room } from '../domain/rooms.ts';

const room = 'project:1';
const topic = `room:${room}`;
const path = '/ws/projects/1/';
let folder: TempFolder;
let store: Store;
let clock: ManualClock;
let worlds: World[];
let asked = 0;

beforeEach(() => {
  folder = new TempFolder();
  clock = new ManualClock(Date.now());
  worlds = [];
});
afterEach(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  folder.remove();
});

/** A server with a room of these members. */
async function aWorld(members: readonly string[], options: WorldOptions = {}): Promise<World> {
  store = sqliteStore(prepared(folder.file('a.db')));
  const world = await new World(store, { clock, ...options }).open();
  worlds.push(world);
  await store.commit(members.map((user) => member(user, topic, 'r')));
  return world;
}

/** Lets the differences of 50 ms come. */
async function pass(ms = 50): Promise<void> {
  await tick();
  await clock.advance(ms);
  await tick();
}
const framesOf = ({ received }: MemoryConnection) =>
  received.filter(({ type }) => type === 'presence').map(({ type: _type, room: _room, ...frame }) => frame);
const viewOf = (connection: MemoryConnection) => PresenceView.of(room, connection.received);
const idOf = (connection: MemoryConnection) => connection.of('connection_established')[0]?.session_id as string;
async function ask(connection: MemoryConnection, action: object) {
  const ref = `r${++asked}`;
  connection.say({ ...action, ref });
  await until(() => connection.received.some((frame) => frame.ref === ref));
  return connection.received.find((frame) => frame.ref === ref) as Record<string, unknown>;
}
const setState = (connection: MemoryConnection, state: object) => ask(connection, { action: 'presence', room, state });

/** Joins the room on its own path, and waits until it is told who is there. */
async function come(world: World, user: string, query = ''): Promise<MemoryConnection> {
  const connection = await world.join(`${path}?user=${user}${query}`);
  await pass();
  return connection;
}

describe('who is in a room', () => {
  test('is told whole to who comes, then as it changes: with one entry for all sessions of a user', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    expect(framesOf(ann)).toEqual([{ members: { ann: { username: 'ann', sessions: { [idOf(ann)]: {} } } } }]);
    const bob = await come(world, 'bob');
    const bobs = { username: 'bob', sessions: { [idOf(bob)]: {} } };
    expect(framesOf(ann).slice(1)).toEqual([{ joined: { bob: bobs } }]);
    expect(framesOf(bob)).toEqual([{ members: { ...viewOf(ann).members } }]);
    const tab = await come(world, 'bob');
    const both = { username: 'bob', sessions: { [idOf(bob)]: {}, [idOf(tab)]: {} } };
    expect(framesOf(ann).slice(2)).toEqual([{ changed: { bob: both } }]);
    tab.cut();
    await pass();
    expect(framesOf(ann).slice(3)).toEqual([{ changed: { bob: bobs } }]);
    bob.cut();
    await pass(4_999);
    expect(framesOf(ann)).toHaveLength(4);
    await pass(1);
    expect(framesOf(ann).slice(4)).toEqual([{ left: ['bob'] }]);
  });

  test('comes behind `subscribed`, and ends with the subscription, at once', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    const bob = await world.join('/ws/?user=bob');
    await ask(bob, { action: 'subscribe', room });
    await pass();
    const types = bob.received.map(({ type }) => type);
    expect(types.indexOf('presence')).toBeGreaterThan(types.indexOf('subscribed'));
    expect(viewOf(bob).users).toEqual(['ann', 'bob']);
    await ask(bob, { action: 'unsubscribe', room });
    await pass();
    expect(framesOf(ann).at(-1)).toEqual({ left: ['bob'] });
    await setState(ann, { n: 1 });
    await pass();
    expect(framesOf(bob)).toHaveLength(1);
  });

  test('does not change by a reload: who comes back within five seconds has never left', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    const bob = await come(world, 'bob');
    await setState(bob, { line: 7 });
    await pass();
    bob.cut();
    await pass(3_000);
    // The state of the session that is gone is shown until another has said one, or could have.
    expect(viewOf(ann).statesOf('bob')).toEqual([{ line: 7 }]);
    const before = framesOf(ann).length;
    const again = await come(world, 'bob');
    expect(framesOf(ann)).toHaveLength(before);
    await pass(1_000);
    expect(framesOf(ann).slice(before)).toEqual([
      { changed: { bob: { username: 'bob', sessions: { [idOf(again)]: {} } } } },
    ]);
    const seen = framesOf(ann).length;
    await pass(10_000);
    expect(framesOf(ann)).toHaveLength(seen);
    // Nothing of the former session is left to come back.
    await ask(again, { action: 'unsubscribe', room });
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
  });

  test('does not blink: the state of a session that was cut off is shown until the next one has said its own', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    const bob = await come(world, 'bob');
    await setState(bob, { line: 7 });
    await pass();
    const before = framesOf(ann).length;
    bob.cut();
    await pass(1_000);
    const again = await come(world, 'bob');
    await setState(again, { line: 8 });
    await pass(10_000);
    const sessions = { [idOf(again)]: { line: 8 } };
    expect(framesOf(ann).slice(before)).toEqual([{ changed: { bob: { username: 'bob', sessions } } }]);
  });

  test('is nothing to who asks not to be present, and whom nobody is shown', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    const hidden = await come(world, 'bob', '&presence=0');
    const also = await world.join(`/ws/?user=bob&subscribe=${topic}&presence=0`);
    const by = await world.join('/ws/?user=bob');
    await ask(by, { action: 'subscribe', room, presence: false });
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
    for (const one of [hidden, also, by]) {
      expect(framesOf(one)).toEqual([]);
      expect(await setState(one, { a: 1 })).toMatchObject({ code: 'bad_request', message: /without presence/ });
    }
    await ask(by, { action: 'subscribe', room });
    await pass();
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    expect(viewOf(by).users).toEqual(['ann', 'bob']);
    await ask(by, { action: 'subscribe', room, presence: false });
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
    expect(await ask(by, { action: 'subscribe', task_id: 't', presence: false })).toMatchObject({
      code: 'bad_request',
    });
  });

  test('is read over HTTP by who may follow the room, and by back ends', async () => {
    const world = await aWorld(['ann']);
    const ann = await come(world, 'ann');
    await setState(ann, { n: 1 });
    const expected = { items: [{ user_id: 'ann', username: 'ann', sessions: { [idOf(ann)]: { n: 1 } } }] };
    const read = (as: Parameters<typeof readPresence>[1], name = room) =>
      readPresence(world.context, as, parseRoom(name) as Room);
    expect(await read(null)).toEqual(expected);
    const [session] = world.registry.ofUser('ann');
    expect(await read(session?.identity ?? null)).toEqual(expected);
    const bob = { ...session?.identity, id: 'bob' } as NonNullable<typeof session>['identity'];
    await expect(read(bob)).rejects.toMatchObject({ code: 'not_found' });
    expect(await read(null, 'project:2')).toEqual({ items: [] });
  });
});

describe('the state of a session', () => {
  test('is set by itself alone, in rooms that it follows, and replaces the one before', async () => {
    const world = await aWorld(['ann', 'bob']);
    const ann = await come(world, 'ann');
    const bob = await come(world, 'bob');
    expect(await setState(bob, { a: 1 })).toMatchObject({ type: 'reply' });
    await setState(bob, { b: '<é>' });
    await pass();
    expect(framesOf(ann).at(-1)).toEqual({
      changed: { bob: { username: 'bob', sessions: { [idOf(bob)]: { b: '<é>' } } } },
    });
    const other = await world.join('/ws/?user=bob');
    const refused = await setState(other, { c: 1 });
    expect(refused).toMatchObject({ code: 'not_found', message: `there is no room "${room}", or it is not yours` });
    expect(await ask(other, { action: 'presence', room: 'nothing', state: {} })).toMatchObject({ code: 'bad_request' });
    expect(await ask(other, { action: 'presence', room, state: [] })).toMatchObject({ code: 'bad_request' });
  });

  test('is taken in the order of subscriptions', async () => {
    const world = await aWorld(['ann', 'bob']);
    const bob = await world.join('/ws/?user=bob');
    bob.say({ action: 'subscribe', room });
    expect(await setState(bob, { early: true })).toMatchObject({ type: 'reply' });
    await pass();
    expect(viewOf(bob).statesOf('bob')).toEqual([{ early: true }]);
  });

  test('is refused where it is too large, alone or with those of the user’s other sessions', async () => {
    const world = await aWorld(['ann'], { limits: { presenceStateBytes: 100 } });
    const text = (length: number) => ({ x: 'y'.repeat(length - 8) });
    const all: MemoryConnection[] = [];
    for (let n = 0; n < 5; n++) all.push(await come(world, 'ann'));
    const [first, ...others] = all as [MemoryConnection, ...MemoryConnection[]];
    expect(await setState(first, text(101))).toMatchObject({ code: 'payload_too_large', message: /101 bytes/ });
    expect(await setState(first, text(100))).toMatchObject({ type: 'reply' });
    await setState(first, text(99));
    const answers = [];
    for (const one of others) answers.push(await setState(one, text(99)));
    expect(answers.map(({ code }) => code)).toEqual([undefined, undefined, undefined, 'payload_too_large']);
    await setState(first, {});
    expect(await setState(others[3] as MemoryConnection, text(90))).toMatchObject({ type: 'reply' });
  });

  test('is sent in one frame with what else changed in 50 ms, to all the same', async () => {
    const world = await aWorld(['ann', 'bob', 'cem']);
    const all = [await come(world, 'ann'), await come(world, 'bob'), await come(world, 'cem')];
    const before = all.map((one) => framesOf(one).length);
    for (let n = 0; n < 10; n++) {
      for (const one of all) await setState(one, { n });
      await clock.advance(10);
    }
    await pass();
    for (const [i, one] of all.entries()) {
      expect(framesOf(one).length - (before[i] ?? 0)).toBeLessThanOrEqual(4);
      for (const user of ['ann', 'bob', 'cem']) expect(viewOf(one).statesOf(user)).toEqual([{ n: 9 }]);
    }
  });
});

test('the metrics count members, watchers, frames, and changes that shared one', async () => {
  const world = await aWorld(['ann', 'bob']);
  const [ann, bob] = [await come(world, 'ann'), await come(world, 'bob')];
  expect(world.presenceService.census()).toEqual({ rooms: 1, members: 2, watchers: 2 });
  const { presenceFrames, presenceConflated } = world.counters;
  for (const n of [1, 2, 3, 4, 5]) await setState(ann, { n });
  await pass();
  expect(viewOf(bob).statesOf('ann')).toEqual([{ n: 5 }]);
  // The first may be sent at once, alone.
  const frames = world.counters.presenceFrames - presenceFrames;
  expect([2, 4]).toContain(frames);
  expect(world.counters.presenceConflated - presenceConflated).toBe(5 - frames / 2);
  bob.cut();
  expect(world.presenceService.census()).toEqual({ rooms: 1, members: 2, watchers: 1 });
});

describe('a right that ends', () => {
  test('ends presence at once, of who is there and of who may come back', async () => {
    const world = await aWorld(['ann', 'bob', 'cem']);
    const ann = await come(world, 'ann');
    const bob = await come(world, 'bob');
    const cem = await come(world, 'cem');
    cem.cut();
    await pass();
    expect(viewOf(ann).users).toEqual(['ann', 'bob', 'cem']);
    await store.commit([member('bob', topic, null), member('cem', topic, null)]);
    await world.settle();
    await pass();
    expect(bob.closed).toMatchObject({ code: 4403 });
    expect(viewOf(ann).users).toEqual(['ann']);
  });

  test('so does a newer token that gives it no more, and one that is revoked; not one that expires', async () => {
    const world = await aWorld([], { jwtSecret: secret });
    const exp = Math.floor(clock.now() / 1_000) + 3_600;
    const joined = async (sub: string, more: object = {}) => {
      const connection = await world.join(`${path}?token=${token({ sub, exp, grants: [`${room}:r`], ...more })}`);
      await pass();
      return connection;
    };
    const ann = await joined('ann');
    const bob = await joined('bob');
    await joined('cem');
    await ask(bob, { action: 'authenticate', token: token({ sub: 'bob', exp }) });
    await until(() => bob.closed !== null);
    await pass();
    expect(viewOf(ann).users).toEqual(['ann', 'cem']);
    await world.revocations.revoke({ kind: 'user', value: 'cem' }, '');
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
    const short = await joined('dan', { exp: Math.floor(clock.now() / 1_000) + 2 });
    clock.jump(70_000);
    world.registry.sweep();
    await pass();
    expect(short.closed).toMatchObject({ code: 4401 });
    expect(viewOf(ann).users).toEqual(['ann', 'dan']);
  });
});

describe('a client that does not keep up', () => {
  test('is skipped, and sent the whole once it takes frames again', async () => {
    const world = await aWorld(['ann', 'bob', 'cem']);
    const ann = await come(world, 'ann');
    const bob = await come(world, 'bob');
    ann.stall();
    for (let n = 0; n < 20; n++) {
      await setState(bob, { n });
      await pass();
    }
    const cem = await come(world, 'cem');
    await ask(bob, { action: 'ping' });
    bob.cut();
    await pass(6_000);
    expect(ann.waiting).toBeLessThan(1_000);
    ann.flow();
    await pass();
    expect(framesOf(ann).at(-1)).toEqual({ members: viewOf(cem).members });
    expect(viewOf(ann).users).toEqual(['ann', 'cem']);
  });

  test('with a small `max_frame` is sent several frames, each as large as it takes', async () => {
    const users = Array.from({ length: 40 }, (_, n) => `u${n}`);
    const world = await aWorld([...users, 'ann']);
    for (const user of users) await setState(await come(world, user), { text: 'x'.repeat(1_000) });
    const ann = await come(world, 'ann', '&max_frame=8192');
    const sizes = framesOf(ann).map((frame) => Buffer.byteLength(JSON.stringify(frame)));
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8_192);
    expect(viewOf(ann).users).toEqual([...users, 'ann'].sort());
    expect(viewOf(ann).statesOf('u7')).toEqual([{ text: 'x'.repeat(1_000) }]);
  });
});

test('a room shows as many users as it may, and others as soon as there is space', async () => {
  const users = ['u1', 'u2', 'u3', 'u4'];
  const world = await aWorld(users, { limits: { presenceMembers: 2, presenceGraceMs: 0 } });
  const all: MemoryConnection[] = [];
  for (const user of users) all.push(await come(world, user));
  const last = all.at(-1) as MemoryConnection;
  expect(viewOf(last).users).toEqual(['u1', 'u2']);
  expect((await readPresence(world.context, null, parseRoom(room) as Room)).items).toHaveLength(2);
  all[0]?.cut();
  await pass();
  expect(viewOf(last).users).toHaveLength(2);
  expect(viewOf(last).users).not.toContain('u1');
});

test('polls of a user are one session, which is there between them', async () => {
  const world = await aWorld(['ann', 'bob']);
  const ann = await come(world, 'ann');
  const poll = async (more = '') => {
    const connection = await world.connect(`${path}?user=bob${more}`, (one) =>
      Object.assign(one, { traits: { ...one.traits, transport: 'long_poll' } }),
    );
    await until(() => connection.of('synced').length > 0);
    await pass();
    return connection;
  };
  const first = await poll();
  expect(viewOf(first).users).toEqual(['ann', 'bob']);
  const cursor = first.received.findLast((frame) => frame.cursor)?.cursor;
  first.close(1000, '');
  const seen = framesOf(ann).length;
  expect(framesOf(ann).at(-1)).toEqual({ joined: { bob: { username: 'bob', sessions: { poll: {} } } } });
  await pass(2_000);
  const second = await poll(`&cursor=${cursor}`);
  // It waits for news: who is there is none.
  expect(framesOf(second)).toEqual([]);
  expect(framesOf(ann)).toHaveLength(seen);
  await setState(ann, { n: 1 });
  await pass();
  expect(viewOf(second).statesOf('ann')).toEqual([{ n: 1 }]);
  second.close(1000, '');
  await pass(5_000);
  expect(viewOf(ann).users).toEqual(['ann']);
});

test('nothing is left of a room that everybody has left', async () => {
  const world = await aWorld(['ann']);
  (await come(world, 'ann')).cut();
  expect(world.presenceService.size).toBe(1);
  await pass(5_000);
  expect(world.presenceService.size).toBe(0);
});

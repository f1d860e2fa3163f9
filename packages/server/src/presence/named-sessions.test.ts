import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ask } from '../../testing/ask.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { PresenceView } from '../../testing/presence-view.ts';
import { member, sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { tick, until, World, type WorldOptions } from '../../testing/world.ts';
import { runAction } from '../commands/actions.ts';
import type { Transport } from '../telemetry/counters.ts';

const room = 'project:1';
const topic = `room:${room}`;
let folder: TempFolder;
let clock: ManualClock;
let world: World;

beforeEach(() => {
  folder = new TempFolder();
  clock = new ManualClock(Date.now());
});
afterEach(async () => {
  await world.close();
  folder.remove();
});

/** A server with a room of ann and bob. */
async function aWorld(options: WorldOptions = {}): Promise<void> {
  const store = sqliteStore(prepared(folder.file('a.db')));
  world = await new World(store, { clock, ...options }).open();
  await store.commit(['ann', 'bob'].map((user) => member(user, topic, 'r')));
}

/** Lets the differences of 50 ms come. */
async function pass(ms = 50): Promise<void> {
  await tick();
  await clock.advance(ms);
  await tick();
}

/** A user's stream or poll. */
async function connect(transport: Transport, user: string, query: Record<string, string>): Promise<MemoryConnection> {
  const connection = await world.connect(`/ws/?${new URLSearchParams({ user, ...query })}`, (one) =>
    Object.assign(one, { traits: { ...one.traits, transport } }),
  );
  // A ping comes behind what it subscribes to.
  await until(() => connection.of(query.subscribe ? 'ping' : 'synced').length > 0);
  await pass();
  return connection;
}
const cursorOf = ({ received }: MemoryConnection) => received.findLast(({ cursor }) => cursor)?.cursor as string;
/** The next poll of a session, or its next stream, from the cursor of the one before. */
const next = (transport: Transport, before: MemoryConnection, user: string, session: string) =>
  connect(transport, user, { cursor: cursorOf(before), topics: topic, session });

/** Says a state over HTTP, where a session is a name. */
async function say(user: string, state: Record<string, unknown>, session?: string) {
  const identity = { ...(await someone()), id: user, username: user };
  const action = { action: 'presence', room, state, ...(session === undefined ? {} : { session }) } as const;
  return runAction(world.context, { kind: 'person', identity, connection: null }, action);
}
/** Any identity. */
async function someone() {
  const other = await world.join('/ws/?user=other');
  const [session] = world.registry.ofUser('other');
  other.cut();
  return session?.identity as NonNullable<typeof session>['identity'];
}

const presenceOf = (connection: MemoryConnection) => connection.of('presence');
const viewOf = (connection: MemoryConnection) => PresenceView.of(room, connection.received);
const sessionsOf = (connection: MemoryConnection, user: string) => viewOf(connection).members?.[user]?.sessions;
const watching = () => connect('websocket', 'ann', { subscribe: topic });

describe.each(['sse', 'long_poll'] as const)('the session of a name over %s', (transport) => {
  const first = (session: string, user = 'bob') => connect(transport, user, { subscribe: topic, session });

  test('is shown by it, with the state that is said over HTTP', async () => {
    await aWorld();
    const ann = await watching();
    const bob = await first('tab1');
    expect(sessionsOf(ann, 'bob')).toEqual({ tab1: {} });
    expect(sessionsOf(bob, 'bob')).toEqual({ tab1: {} });
    expect(await say('bob', { line: 1 }, 'tab1')).toEqual({});
    await pass();
    expect(sessionsOf(ann, 'bob')).toEqual({ tab1: { line: 1 } });
    await first('tab2');
    await say('bob', { line: 2 }, 'tab2');
    await pass();
    expect(sessionsOf(ann, 'bob')).toEqual({ tab1: { line: 1 }, tab2: { line: 2 } });
  });

  test('keeps its place and its state from one connection to the next, without a change to be seen', async () => {
    await aWorld();
    const ann = await watching();
    let bob = await first('tab1');
    await say('bob', { line: 1 }, 'tab1');
    await pass();
    const seen = presenceOf(ann).length;
    for (let n = 0; n < 5; n++) {
      bob.close(1000, '');
      await pass(4_000);
      bob = await next(transport, bob, 'bob', 'tab1');
    }
    await pass(20_000);
    expect(presenceOf(ann)).toHaveLength(seen);
    expect(sessionsOf(ann, 'bob')).toEqual({ tab1: { line: 1 } });
    bob.cut();
    // Between two connections a state is said as well.
    await say('bob', { line: 2 }, 'tab1');
    await pass();
    expect(sessionsOf(ann, 'bob')).toEqual({ tab1: { line: 2 } });
    await pass(4_900);
    expect(viewOf(ann).users).toEqual(['ann', 'bob']);
    await pass(100);
    expect(viewOf(ann).users).toEqual(['ann']);
  });

  test('has the limits of a socket', async () => {
    await aWorld({ limits: { presenceStateBytes: 100 } });
    const ann = await watching();
    await first('tab1');
    const text = (length: number) => ({ x: 'y'.repeat(length - 8) });
    await expect(say('bob', text(101), 'tab1')).rejects.toMatchObject({ code: 'payload_too_large' });
    for (const tab of ['tab1', 'tab2', 'tab3', 'tab4']) await say('bob', text(100), tab);
    await expect(say('bob', text(90), 'tab5')).rejects.toMatchObject({ code: 'payload_too_large' });
    await pass();
    expect(Object.keys(sessionsOf(ann, 'bob') ?? {})).toEqual(['tab1', 'tab2', 'tab3', 'tab4']);
  });

  test('leaves with the right, at once and whatever it says', async () => {
    await aWorld();
    const ann = await watching();
    const bob = await first('tab1');
    await say('bob', { line: 1 }, 'tab1');
    bob.close(1000, '');
    await pass();
    await world.store.commit([member('bob', topic, null)]);
    await world.roomFollowers.sweep();
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
    await expect(say('bob', { line: 2 }, 'tab1')).rejects.toMatchObject({
      ...{ code: 'not_found', message: `there is no room "${room}", or it is not yours` },
    });
    await pass();
    expect(viewOf(ann).users).toEqual(['ann']);
  });

  test('is in one room unseen, and in another is seen, by its address', async () => {
    await aWorld();
    const other = 'room:project:2';
    await world.store.commit(['ann', 'bob'].map((user) => member(user, other, 'r')));
    const ann = await connect('websocket', 'ann', { subscribe: `${topic},${other}` });
    const names = (one: MemoryConnection) =>
      one.of('presence').map(({ room: name, ...frame }) => [name, Object.keys(frame.members ?? frame.joined ?? {})]);
    const before = names(ann).length;
    const bob = await connect(transport, 'bob', { subscribe: `${topic},${other}`, unseen: topic, session: 'tab1' });
    expect(names(ann).slice(before)).toEqual([['project:2', ['bob']]]);
    expect(names(bob)).toEqual([['project:2', ['ann', 'bob']]]);
    expect(bob.of('subscribed')).toMatchObject([{ room }, { room: 'project:2' }]);
    bob.close(1000, '');
    const again = await connect(transport, 'bob', {
      ...{ cursor: cursorOf(bob), topics: `${topic},${other}`, unseen: topic, session: 'tab1' },
    });
    expect(names(again).map(([name]) => name)).not.toContain(room);
    expect([viewOf(ann).users, names(ann).length]).toEqual([['ann'], before + 1]);
    // It is no way around a right.
    const eve = await connect(transport, 'eve', { subscribe: topic, unseen: topic });
    expect(eve.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
  });
});

test('what changes between two polls is in the next one at once; without a change that one waits', async () => {
  await aWorld();
  const ann = await watching();
  const first = await connect('long_poll', 'bob', { subscribe: topic, session: 'tab1' });
  expect(viewOf(first).users).toEqual(['ann', 'bob']);
  first.close(1000, '');
  const second = await next('long_poll', first, 'bob', 'tab1');
  expect(presenceOf(second)).toEqual([]);
  second.close(1000, '');
  await ask(ann, { action: 'presence', room, state: { line: 1 } });
  await pass();
  const third = await next('long_poll', second, 'bob', 'tab1');
  expect(viewOf(third).statesOf('ann')).toEqual([{ line: 1 }]);
  third.close(1000, '');
  expect(presenceOf(await next('long_poll', third, 'bob', 'tab1'))).toEqual([]);
});

test('a state over HTTP wants to know of which session, and one on a socket does not', async () => {
  await aWorld();
  const ann = await watching();
  await expect(say('bob', {})).rejects.toMatchObject({ code: 'bad_request', message: /\?session=/ });
  const refused = await ask(ann, { action: 'presence', room, state: {}, session: 'tab1' });
  expect(refused).toMatchObject({ code: 'bad_request', message: expect.stringContaining('leave out "session"') });
  const { closed } = await world.connect('/ws/?user=bob&session=two%20words');
  expect(closed).toMatchObject({ code: 400, reason: expect.stringContaining('session must be a name') });
});

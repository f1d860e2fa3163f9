import type { ServerFrame } from '@tidings/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { type Room, type RoomOptions, room } from './room.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { ProtocolServer, type Session } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

const name = 'project:12';
const timestamp = '2026-01-31T09:30:00.000Z';
const logger = { warn: vi.fn(), error: vi.fn() };
let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient;

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  clock = new FakeClock();
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
});
afterEach(async () => {
  client.disconnect();
  vi.clearAllMocks();
  await server.stop();
});

const event = (rev: number, more: object = {}) => ({
  ...{ type: 'room_event', id: `e${rev}`, rev, timestamp, room: name, event: 'said', from: null, data: { rev } },
  ...('snapshot' in more || 'replayed' in more ? {} : { cursor: `t:${rev}` }),
  ...more,
});
const value = (key: string, rev: number, more: object = {}) => ({
  ...{ type: 'room_state', id: `s-${key}`, rev, timestamp, room: name, key, value: rev, from: null, data: {} },
  ...('snapshot' in more ? {} : { cursor: `t:${rev}` }),
  ...more,
});
const retracted = (id: string, rev: number) => ({
  type: 'retracted',
  id,
  rev,
  timestamp,
  data: {},
  cursor: `t:${rev}`,
});
const snapshot = { snapshot: true };
const revsOf = (one: Room) => one.getSnapshot().events.map(({ rev }) => rev);
const named = (session: Session) =>
  session.actions.filter(({ action }) => /subscribe/.test(String(action))).map(({ action, room }) => [action, room]);

/** Answers the subscription that is under way, with a snapshot. */
function answer(session: Session, ...frames: object[]): void {
  const { ref } = session.actions.findLast(({ action }) => action === 'subscribe') ?? {};
  session.send({ type: 'subscribed', room: name }, ...frames, { type: 'reply', ref });
}

/** A room that is followed, and has these events. */
const open = (...revs: number[]): Promise<Room> => openAs({}, ...revs);

async function openAs(options: RoomOptions, ...revs: number[]): Promise<Room> {
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  const mine = room(client, name, options);
  await client.connect();
  await until(() => named(server.session).length === 1);
  answer(server.session, ...revs.map((rev) => event(rev, snapshot)));
  await until(() => mine.getSnapshot().status === 'ready');
  return mine;
}

/** Loses the connection and has the next one welcomed as given. */
async function reconnect(welcome: (session: Session) => void): Promise<Session> {
  const before = server.sessions.length;
  server.onSession = (session) => {
    session.answers = false;
    welcome(session);
  };
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(500);
  await until(() => server.sessions.length > before && client.state.status === 'connected');
  return server.session;
}

test('names what is no room', () => {
  for (const wrong of ['project', 'project:', '12:project', ''])
    expect(() => room(client, wrong)).toThrow(/as project:12/);
});

test('has the whole snapshot at once, and one object until something changes', async () => {
  const mine = room(client, name);
  const seen = new Set<unknown>();
  mine.onChange(() => seen.add(mine.getSnapshot()));
  expect(mine.getSnapshot()).toMatchObject({
    events: [],
    members: [],
    status: 'waiting',
    reason: null,
    hasMore: false,
  });
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  await until(() => named(server.session).length === 1);
  server.session.send({ type: 'subscribed', room: name }, event(1, snapshot), value('phase', 2, snapshot));
  server.session.send({ type: 'unread_count', unread_count: 7, categories: {}, as_of: 2 });
  await until(() => client.inbox.getSnapshot().unreadCount === 7);
  expect(mine.getSnapshot().events).toEqual([]);
  server.session.send({ type: 'reply', ref: server.session.actions.at(-1)?.ref });
  await until(() => mine.getSnapshot().status === 'ready');
  const first = mine.getSnapshot();
  expect(first).toMatchObject({ events: [{ id: 'e1' }], hasMore: true });
  expect([...first.state.keys()]).toEqual(['phase']);
  server.session.send({ ...event(3), room: 'project:13' }, event(1, { replayed: true }));
  server.session.send({ type: 'unread_count', unread_count: 8, categories: {}, as_of: 3 });
  await until(() => client.inbox.getSnapshot().unreadCount === 8);
  expect(mine.getSnapshot()).toBe(first);
  server.session.send(event(4));
  await until(() => mine.getSnapshot().events.length === 2);
  expect(revsOf(mine)).toEqual([4, 1]);
  expect(mine.getSnapshot().state).toBe(first.state);
  expect(seen.size).toBeGreaterThan(0);
  expect(client.inbox.getSnapshot().items).toEqual([]);
});

test('is resumed by its name beside the cursor, and handlers are called once for what was missed', async () => {
  const mine = await open(1, 2);
  const heard: number[] = [];
  mine.on('said', (one) => void heard.push((one.data as { rev: number }).rev));
  server.session.send(event(3));
  await until(() => heard.length === 1);
  const session = await reconnect((session) => {
    session.establish();
    session.send(event(3, { replayed: true }), event(4, { replayed: true }));
    session.sync('t:4');
  });
  expect(Object.fromEntries(session.query)).toMatchObject({ cursor: 't:3', topics: `room:${name}` });
  session.send(event(5));
  await until(() => revsOf(mine).length === 5);
  expect([heard, named(session)]).toEqual([[3, 4, 5], []]);
});

test('is resumed unseen where it was followed so, which no question by HTTP says', async () => {
  const mine = await openAs({ presence: false }, 1);
  const unseen = (await reconnect((session) => session.welcome('t:1'))).query.get('unseen');
  expect([unseen, server.session.query.get('topics')]).toEqual([`room:${name}`, `room:${name}`]);
  server.refuseWith = 403;
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(500);
  await until(() => server.asked.length > 0);
  expect(server.asked[0]?.url).toBe('/api/v1/whoami?');
  server.refuseWith = null;
  mine.close();
  client.disconnect();
  await client.connect();
  const { query } = server.session;
  expect([query.get('topics'), query.has('unseen')]).toEqual(['', false]);
});

test('begins anew where the server cannot go on, without what is gone', async () => {
  const mine = await open(7, 8);
  const heard = vi.fn();
  mine.on('*', heard);
  const session = await reconnect((session) => {
    session.establish({ recovered: false });
    session.sync('other:3');
  });
  await until(() => named(session).length === 1);
  expect(revsOf(mine)).toEqual([8, 7]);
  answer(session, event(2, snapshot), event(3, snapshot));
  await until(() => revsOf(mine)[0] === 3);
  expect([revsOf(mine), heard.mock.calls]).toEqual([[3, 2], []]);
  session.send(event(4));
  await until(() => heard.mock.calls.length === 1);
});

test('a snapshot that is cut off changes nothing, and the next one is no duplicate of it', async () => {
  const mine = room(client, name);
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  await until(() => named(server.session).length === 1);
  server.session.send({ type: 'subscribed', room: name }, event(1, snapshot), { type: 'ping', cursor: 't:9' });
  await until(() => client.parts.resume.rev('e1') === 1);
  const session = await reconnect((session) => session.welcome('t:9'));
  expect(session.query.get('topics')).toBe('');
  await until(() => named(session).length === 1);
  expect(mine.getSnapshot()).toMatchObject({ events: [], status: 'waiting' });
  answer(session, event(1, snapshot));
  await until(() => revsOf(mine).length === 1);
});

test('what came of a room after it was left is there when it is opened again', async () => {
  const first = await open(1);
  first.close();
  server.session.send(event(2));
  await until(() => named(server.session).length === 2);
  const again = room(client, name);
  await until(() => named(server.session).length === 3);
  expect(named(server.session).map(([action]) => action)).toEqual(['subscribe', 'unsubscribe', 'subscribe']);
  answer(server.session, event(1, snapshot), event(2, snapshot));
  await until(() => revsOf(again).length === 2);
  expect(revsOf(first)).toEqual([1]);
});

test('of a room that the server cannot tell of now it asks again, and keeps what it has', async () => {
  const mine = await open(1);
  const heard: number[] = [];
  mine.on('*', (one) => void heard.push((one.data as { rev: number }).rev));
  server.session.send({ type: 'unsubscribed', room: name, code: 'unavailable', reason: 'later' });
  await until(() => named(server.session).length === 3);
  const fail = { type: 'error', code: 'unavailable', message: 'later', docs_url: '' };
  server.session.send({ ...fail, ref: server.session.actions.at(-1)?.ref });
  server.session.send(event(2, { room: 'project:13', id: 'x' }));
  await until(() => client.parts.resume.rev('x') < 0);
  expect(mine.getSnapshot()).toMatchObject({ status: 'ready', events: [{ id: 'e1' }] });
  await until(() => {
    clock.advance(2_000);
    return named(server.session).length === 4;
  });
  answer(server.session, event(1, snapshot), event(2, snapshot), event(3, snapshot));
  await until(() => revsOf(mine).length === 3);
  expect(heard).toEqual([2, 3]);
});

test('of a room that was refused it asks again by itself, seldom, and at once where it is told to', async () => {
  const mine = room(client, name);
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  const asked = () => server.session.actions.filter(({ action }) => action === 'room_events');
  const refuse = () => {
    const { ref } = server.session.actions.at(-1) ?? {};
    server.session.send({ type: 'error', ref, code: 'not_found', message: 'there is no such room', docs_url: '' });
  };
  await mine.retry();
  await until(() => named(server.session).length === 1);
  refuse();
  await until(() => mine.getSnapshot().status === 'refused');
  // Half of the time between 30 and 60 s, as `random` says.
  for (const time of [1, 2]) {
    clock.advance(44_900);
    await until(() => asked().length === time - 1);
    clock.advance(100);
    await until(() => asked().length === time);
    refuse();
    await mine.retry();
  }
  const [first, second] = [mine.retry(), mine.retry()];
  expect(second).toBe(first);
  await until(() => asked().length === 3);
  server.session.send({ type: 'reply', ref: asked()[2]?.ref, items: [], next_before: null });
  await first;
  expect(mine.getSnapshot().status).toBe('waiting');
  await until(() => named(server.session).length === 3);
  answer(server.session, event(1, snapshot));
  await until(() => mine.getSnapshot().status === 'ready');
  clock.advance(200_000);
  await mine.retry();
  expect([revsOf(mine), asked().length]).toEqual([[1], 3]);
  expect(logger.warn).toHaveBeenCalledOnce();
});

test('of a room that was refused it asks no more once it is closed, or without a connection', async () => {
  const opened = [room(client, name), room(client, 'project:13')] as const;
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  await until(() => named(server.session).length === 2);
  for (const { ref } of server.session.actions)
    server.session.send({ type: 'error', ref, code: 'not_found', message: 'there is no such room', docs_url: '' });
  await until(() => opened.every((one) => one.getSnapshot().status === 'refused'));
  opened[0].close();
  client.disconnect();
  const after = vi.spyOn(client, 'request');
  clock.advance(200_000);
  expect(after).not.toHaveBeenCalled();
});

test('another user finds nothing of what the one before had, and says nothing in their name', async () => {
  const mine = await open(1);
  mine.setPresence({ of: 'alice' });
  await until(() => server.session.actions.some(({ action }) => action === 'presence'));
  server.onSession = (session) => {
    session.answers = false;
    const greeting = { type: 'connection_established', user_id: '43', username: 'bob', session_id: 's', roles: [] };
    session.send({ ...greeting, cursor: null, recovered: true, server_time: timestamp });
    session.sync('t:1');
  };
  await client.connect('b.o.b');
  await until(() => named(server.session).length === 1);
  expect(mine.getSnapshot()).toMatchObject({ events: [], status: 'waiting' });
  answer(server.session, event(1, snapshot));
  await until(() => revsOf(mine).length === 1);
  expect(server.session.actions.filter(({ action }) => action === 'presence')).toEqual([]);
});

test('its state holds the newest of each key, in their order, until a key is removed', async () => {
  const mine = await open();
  const { session } = server;
  session.send(value('phase', 1), value('colour', 2), value('phase', 3, { value: { of: ['any'] } }));
  await until(() => mine.getSnapshot().state.get('phase')?.rev === 3);
  expect([...mine.getSnapshot().state].map(([key, { value }]) => [key, value])).toEqual([
    ['colour', 2],
    ['phase', { of: ['any'] }],
  ]);
  session.send(retracted('s-phase', 4), retracted('other', 5));
  await until(() => mine.getSnapshot().state.size === 1);
  session.send(value('phase', 6));
  await until(() => mine.getSnapshot().state.get('phase')?.value === 6);
});

test('knows who is there, from all of it and from differences', async () => {
  const mine = await open();
  const names = () => mine.getSnapshot().members.map(({ username }) => username);
  const someone = (username: string, ...states: object[]) => ({
    username,
    sessions: Object.fromEntries(states.map((state, n) => [`s${n}`, state])),
  });
  const presence = { type: 'presence', room: name };
  const { session } = server;
  session.send({ ...presence, members: { 2: someone('zoe', {}), 1: someone('ann', { typing: true }, {}) } });
  await until(() => names().length === 2);
  expect(mine.getSnapshot().members[0]).toEqual({
    ...{ user_id: '1', username: 'ann', sessions: { s0: { typing: true }, s1: {} } },
  });
  session.send({
    ...presence,
    joined: { 3: someone('bob', {}) },
    left: ['1'],
    changed: { 2: someone('zoe', { at: 5 }) },
  });
  await until(() => names().length === 2 && names()[0] === 'bob');
  expect(mine.getSnapshot().members[1]).toMatchObject({ user_id: '2', sessions: { s0: { at: 5 } } });
  const before = mine.getSnapshot();
  session.send({ ...presence, changed: { 2: someone('zoe', { at: 5 }) } }, { ...presence, left: ['none'] }, event(9));
  await until(() => revsOf(mine).length === 1);
  expect(mine.getSnapshot().members).toBe(before.members);
  session.send({ ...presence, members: {} });
  await until(() => names().length === 0);
});

test('says the newest of its own state, at most five times a second, and again on each connection', async () => {
  const mine = room(client, name);
  mine.setPresence({ n: 0 });
  const states = () =>
    server.session.actions.filter(({ action }) => action === 'presence').map(({ state }) => (state as { n: number }).n);
  await client.connect();
  await until(() => states().length === 1);
  for (const n of [1, 2, 3]) mine.setPresence({ n });
  clock.advance(199);
  await mine.send('said');
  expect(states()).toEqual([0]);
  clock.advance(1);
  await until(() => states().length === 2);
  expect(states()).toEqual([0, 3]);
  clock.advance(200);
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  mine.setPresence({ n: 4 });
  clock.advance(500);
  await until(() => states().length === 1 && server.sessions.length === 2);
  await mine.send('said');
  expect(states()).toEqual([4]);
  const other = room(client, name);
  mine.close();
  clock.advance(200);
  await until(() => states().length === 2);
  expect(server.session.actions.at(-1)).toMatchObject({ action: 'presence', state: {} });
  other.close();
});

test('an ephemeral event waits for no connection, and nobody has to handle that', async () => {
  const mine = room(client, name);
  await expect(mine.send('typing', {}, { ephemeral: true })).rejects.toMatchObject({ code: 'unavailable' });
  mine.send('typing', {}, { ephemeral: true });
  await new Promise((resolve) => setImmediate(resolve));
});

test('holds the newest of a long stream only, and loads the rest again', async () => {
  const mine = await open(1);
  for (let rev = 2; rev <= 700; rev++) server.session.send(event(rev));
  await until(() => revsOf(mine)[0] === 700);
  const { events, hasMore } = mine.getSnapshot();
  expect(events.length).toBeLessThan(600);
  expect(hasMore).toBe(true);
  const oldest = revsOf(mine).at(-1) as number;
  const more = mine.loadMore();
  expect(mine.loadMore()).toBe(more);
  expect(mine.getSnapshot().status).toBe('loading');
  await until(() => server.session.actions.at(-1)?.action === 'room_events');
  const asked = server.session.actions.at(-1);
  expect(asked).toMatchObject({ room: name, before: oldest });
  const items = [event(oldest - 1), event(oldest - 2)] as unknown as ServerFrame[];
  server.session.send({ type: 'reply', ref: asked?.ref, items, next_before: oldest - 2 });
  await more;
  expect(revsOf(mine).slice(-3)).toEqual([oldest, oldest - 1, oldest - 2]);
});

test('mentions are read at once, and are unread again where the server refuses it', async () => {
  const mine = await open();
  const { session } = server;
  const mention = (rev: number, of: string) => ({
    ...{ type: 'user_notification', id: `m${rev}`, rev, timestamp, cursor: `t:${rev}`, notification_type: 'info' },
    ...{ username: 'ann', title: 'x', message: 'x', category: 'mentions', data: { room: of } },
  });
  session.send(mention(5, name), mention(6, 'project:13'));
  const readIds = () => client.inbox.getSnapshot().items.flatMap(({ id, read }) => (read ? [id] : []));
  await until(() => client.inbox.getSnapshot().items.length === 2);
  const refused = mine.markRead();
  expect(readIds()).toEqual(['m5']);
  // One that comes while it is under way shows as the server says.
  session.send(mention(7, name));
  await until(() => client.inbox.getSnapshot().items.length === 3);
  expect(readIds()).toEqual(['m5']);
  const asked = session.actions.findLast(({ action }) => action === 'mark_read');
  expect(asked).toMatchObject({ room: name });
  session.send({ type: 'error', ref: asked?.ref, code: 'unavailable', message: 'not now' });
  await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
  expect(readIds()).toEqual([]);
  mine.close();
  const before = session.actions.length;
  await mine.markRead();
  expect(session.actions.slice(before).map(({ action }) => action)).not.toContain('mark_read');
});

test('a page that does not come is said, and can be asked for again', async () => {
  const mine = await open(5);
  const more = mine.loadMore();
  await until(() => server.session.actions.at(-1)?.action === 'room_events');
  const error = { type: 'error', code: 'unavailable', message: 'not now', docs_url: '' };
  server.session.send({ ...error, ref: server.session.actions.at(-1)?.ref });
  await expect(more).rejects.toMatchObject({ code: 'unavailable' });
  expect(mine.getSnapshot()).toMatchObject({ status: 'failed', hasMore: true });
  const again = mine.loadMore();
  await until(() => server.session.actions.filter(({ action }) => action === 'room_events').length === 2);
  server.session.send({ type: 'reply', ref: server.session.actions.at(-1)?.ref, items: [], next_before: null });
  await again;
  expect(mine.getSnapshot()).toMatchObject({ status: 'ready', hasMore: false });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings, type Tidings } from '@tidings/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import type { TidingsClient } from '../client.ts';
import { createTidingsClient } from '../create-client.ts';
import { type Room, room } from '../room.ts';
import { until } from '../testing/until.ts';
import { eventStreamTransport, longPollTransport, type Transport, webSocketTransport } from '../transport/index.ts';

let tidings: Tidings;
let url: string;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-rooms-'));
  tidings = await createTidings({
    ...{ dev: true, database: `sqlite:${prepared(join(folder, 'tidings.db'))}` },
    rooms: { authorize: (_user, _action, { kind, id }) => allowed.has(`${kind}:${id}`) },
  });
  ({ url } = await tidings.listen({ port: 0 }));
});
afterAll(async () => {
  await tidings.close();
  rmSync(folder, { recursive: true });
});

/** The rooms that everybody may use. */
const allowed = new Set<string>();
/** The warnings of all clients of a test. */
const logged: unknown[] = [];
const logger = {
  warn: (...all: unknown[]) => void logged.push(all),
  error: (...all: unknown[]) => void logged.push(all),
};
const ends: (() => void)[] = [];
beforeEach(() => void logged.splice(0));
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

let made = 0;
const aRoom = () => `project:${++made}`;
const textsOf = (one: Room) => one.getSnapshot().events.map(({ data }) => data.text);
const say = (name: string, ...texts: unknown[]) =>
  Promise.all(texts.map((text) => tidings.rooms.send(name, 'said', { text })));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const transports: [string, () => Transport][] = [
  ['a WebSocket', () => webSocketTransport()],
  ['Server-Sent Events', () => eventStreamTransport()],
  ['long polling', () => longPollTransport()],
];

describe.each(transports)('a room over %s', (_name, transport) => {
  /** A client of a user of its own. */
  async function aClient(user = `user${++made}`) {
    const options = { url, query: { user }, transport: transport(), reconnect: { minDelayMs: 20 }, logger };
    const client = createTidingsClient(options);
    ends.push(() => client.disconnect());
    await client.connect();
    return { client, user };
  }
  async function aMember(name: string, access: 'r' | 'rw' = 'rw') {
    const one = await aClient();
    await tidings.rooms.setMember(name, one.user, access);
    return { ...one, room: room(one.client, name) };
  }
  const ready = (one: Room) => until(() => one.getSnapshot().status === 'ready');

  test('has its latest events, then what is sent, and older ones on request', async () => {
    const name = aRoom();
    for (const n of numbers(1, 75)) await say(name, n);
    const { room: mine } = await aMember(name);
    await ready(mine);
    expect(textsOf(mine)).toEqual(numbers(56, 75).reverse());
    const heard: unknown[] = [];
    mine.on('said', ({ data }) => heard.push(data.text));
    await say(name, 76);
    await until(() => textsOf(mine)[0] === 76);
    expect(heard).toEqual([76]);
    await mine.loadMore();
    expect(textsOf(mine)).toEqual(numbers(6, 76).reverse());
    expect(mine.getSnapshot().hasMore).toBe(true);
    await mine.loadMore();
    expect(textsOf(mine)).toEqual(numbers(1, 76).reverse());
    expect(mine.getSnapshot()).toMatchObject({ hasMore: false, status: 'ready' });
  });

  test('has what was missed while there was no connection, in order and once', async () => {
    const name = aRoom();
    const { client, room: mine } = await aMember(name);
    const heard: unknown[] = [];
    mine.on('*', ({ data }) => heard.push(data.text));
    await ready(mine);
    await say(name, 1);
    await until(() => heard.length === 1);
    client.disconnect();
    for (const n of numbers(2, 31)) await say(name, n);
    await client.connect();
    await until(() => heard.length >= 31);
    await say(name, 32);
    await until(() => heard.length >= 32);
    expect(heard).toEqual(numbers(1, 32));
    expect(textsOf(mine)).toEqual(numbers(1, 32).reverse());
  });

  test('is refused to who has no right, and comes with a membership, and goes with it', async () => {
    const name = aRoom();
    await say(name, 'before');
    const { client, user } = await aClient();
    const mine = room(client, name);
    await until(() => mine.getSnapshot().status === 'refused');
    expect(mine.getSnapshot()).toMatchObject({ events: [], reason: { code: 'not_found' }, hasMore: false });
    await tidings.rooms.setMember(name, user, 'r');
    await until(() => textsOf(mine)[0] === 'before');
    expect(mine.getSnapshot()).toMatchObject({ status: 'ready', reason: null });
    await expect(mine.send('said')).rejects.toMatchObject({ code: 'forbidden' });
    await tidings.rooms.removeMember(name, user);
    await until(() => mine.getSnapshot().status === 'refused');
    expect(mine.getSnapshot()).toMatchObject({ events: [], reason: { code: 'not_found' } });
    await say(name, 'unseen');
    await tidings.rooms.setMember(name, user, 'rw');
    await until(() => textsOf(mine).length === 2);
    expect(textsOf(mine)).toEqual(['unseen', 'before']);
    await mine.send('said', { text: 'mine' });
    await until(() => textsOf(mine).length === 3);
  });

  test('is refused where the application says no, and comes when it says yes again', async () => {
    const name = aRoom();
    await say(name, 'before');
    const { client } = await aClient();
    const mine = room(client, name);
    await until(() => mine.getSnapshot().status === 'refused');
    await mine.retry();
    expect(mine.getSnapshot().status).toBe('refused');
    allowed.add(name);
    // The server remembers an answer for two seconds.
    const timer = setInterval(() => void mine.retry(), 200);
    await until(() => textsOf(mine)[0] === 'before');
    clearInterval(timer);
    expect(mine.getSnapshot()).toMatchObject({ status: 'ready', reason: null });
  });

  test('is left and opened again with all that it has', async () => {
    const name = aRoom();
    await say(name, 1, 2);
    const { client, room: first } = await aMember(name);
    await ready(first);
    const second = room(client, name);
    expect(second.getSnapshot()).toBe(first.getSnapshot());
    first.close();
    await say(name, 3);
    await until(() => textsOf(second)[0] === 3);
    expect(first.getSnapshot().events).toHaveLength(2);
    second.close();
    await say(name, 4);
    for (const time of numbers(1, 3)) {
      const again = room(client, name);
      await ready(again);
      expect([time, ...textsOf(again)]).toEqual([time, 4, 3, 2, 1]);
      again.close();
    }
  });

  const present = (one: Room) => one.getSnapshot().members.map(({ user_id }) => user_id);
  const sessionsOf = (one: Room, id: string) =>
    Object.values(one.getSnapshot().members.find(({ user_id }) => user_id === id)?.sessions ?? {});

  test('knows who is there and what they do, through reconnections', async () => {
    const name = aRoom();
    const [{ room: a, user }, { room: b, user: other, client }] = [await aMember(name), await aMember(name)];
    await until(() => present(a).length === 2 && present(b).length === 2);
    expect(present(b).sort()).toEqual([user, other].sort());
    a.setPresence({ typing: true });
    await until(() => sessionsOf(b, user).some(({ typing }) => typing === true));
    a.setPresence({ typing: false });
    a.setPresence({ typing: false, line: 5 });
    await until(() => sessionsOf(b, user).some(({ line }) => line === 5));
    b.setPresence({ at: 'home' });
    await until(() => sessionsOf(a, other).some(({ at }) => at === 'home'));
    // A stream ends for another one, which follows more: nobody sees that.
    const changes: unknown[] = [];
    a.onChange(() => void changes.push(sessionsOf(a, other)));
    const further = aRoom();
    await tidings.rooms.setMember(further, other, 'r');
    await ready(room(client, further));
    await say(name, 'seen by all');
    await until(() => textsOf(a)[0] === 'seen by all');
    expect(changes.every((states) => JSON.stringify(states) === '[{"at":"home"}]')).toBe(true);
    client.disconnect();
    b.setPresence({ at: 'work' });
    await client.connect();
    await until(() => sessionsOf(a, other).some(({ at }) => at === 'work') && present(b).length === 2);
    expect(logged).toEqual([]);
    // A stream or poll without the room has some seconds to come back.
    b.close();
    await until(() => present(a).length === 1);
  });

  test('is followed unseen, and through reconnections, until somebody on this client wants to be seen', async () => {
    const name = aRoom();
    const { room: a, user } = await aMember(name);
    await ready(a);
    const { client, user: other } = await aClient();
    const there = async () => (await tidings.rooms.presence(name)).map(({ user_id }) => user_id).sort();
    expect(() => room(client, name, { presence: false }).setPresence({})).toThrow(/opened with "presence: false"/);
    const hidden = room(client, name, { presence: false });
    await tidings.rooms.setMember(name, other, 'r');
    await ready(hidden);
    for (const text of ['one', 'two']) {
      await say(name, text);
      await until(() => textsOf(hidden)[0] === text);
      expect([await there(), present(hidden)]).toEqual([[user], []]);
      client.disconnect();
      await client.connect();
    }
    const seen = room(client, name);
    await until(() => present(a).length === 2 && present(hidden).length === 2);
    expect(await there()).toEqual([user, other].sort());
    seen.close();
    await until(() => present(a).length === 1);
    await say(name, 'three');
    await until(() => textsOf(hidden)[0] === 'three');
    expect(present(hidden)).toEqual([]);
  });

  test('reads what mentions its user again while it stays open, on all devices of the user', async () => {
    const name = aRoom();
    const { client, user, room: mine } = await aMember(name);
    const { client: other } = await aClient(user);
    await ready(mine);
    const unreadOf = ({ inbox }: TidingsClient) => inbox.getSnapshot().counts.unread;
    await mine.markRead();
    for (const text of ['one', 'two']) {
      await tidings.rooms.send(name, 'said', { text }, { mentions: [user] });
      await tidings.notify({ to: { user }, title: `beside ${text}` });
      const beside = text === 'one' ? 1 : 2;
      await until(() => unreadOf(client) === beside + 1 && unreadOf(other) === beside + 1);
      const done = mine.markRead();
      expect(unreadOf(client)).toBe(beside);
      await done;
      await until(() => unreadOf(other) === beside);
      expect(unreadOf(client)).toBe(beside);
      const shown = client.inbox.getSnapshot().items.map(({ category, read }) => [category, read]);
      expect(shown.filter(([category]) => category === 'mentions')).toEqual(Array(beside).fill(['mentions', true]));
    }
  });

  test('carries what users send to each other, stored and not, and its state', async () => {
    const name = aRoom();
    const [{ room: a, user }, { room: b }] = [await aMember(name), await aMember(name)];
    await Promise.all([ready(a), ready(b)]);
    const heard: unknown[] = [];
    b.on('*', ({ event, from, data }) => heard.push([event, from?.user_id, data]));
    const { id, rev } = await a.send('comment_added', { text: 'hello' });
    await until(() => heard.length === 1);
    expect(b.getSnapshot().events[0]).toMatchObject({ id, rev, event: 'comment_added' });
    // Between two requests of long polling, what is ephemeral is lost.
    while (heard.length < 2)
      expect(await a.send('typing', { on: true }, { ephemeral: true })).toEqual({ ephemeral: true });
    expect(heard.slice(0, 2)).toEqual([
      ['comment_added', user, { text: 'hello' }],
      ['typing', user, { on: true }],
    ]);
    expect(b.getSnapshot().events).toHaveLength(1);
    await expect(a.send('typing', { on: true }, { ephemeral: true, mentions: [user] })).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('an ephemeral event cannot mention users'),
    });

    const { rev: version } = await a.setState('phase', 'review');
    await until(() => b.getSnapshot().state.size === 1);
    expect(b.getSnapshot().state.get('phase')).toMatchObject({ value: 'review', rev: version });
    await expect(b.setState('phase', 'done', { ifRev: 0 })).rejects.toMatchObject({ code: 'conflict' });
    await b.setState('phase', { done: 1 }, { ifRev: version });
    await until(() => a.getSnapshot().state.get('phase')?.from?.user_id !== user);
    expect(await b.removeState('phase')).toEqual({ removed: true });
    await until(() => a.getSnapshot().state.size === 0);
    expect(await b.removeState('phase')).toEqual({ removed: false });
  });
});

test('a room whose name no address can list is refused where there is no WebSocket, and says so', async () => {
  const name = `${aRoom()},5`;
  await say(name, 1);
  for (const [transport, expected] of [
    [webSocketTransport(), { status: 'ready' }],
    [longPollTransport(), { status: 'refused', reason: { code: 'bad_request' } }],
  ] as const) {
    await tidings.rooms.setMember(name, 'carol', 'r');
    const client = createTidingsClient({ url, query: { user: 'carol' }, transport, logger });
    ends.push(() => client.disconnect());
    const mine = room(client, name);
    await client.connect();
    await until(() => mine.getSnapshot().status !== 'waiting');
    expect(mine.getSnapshot()).toMatchObject(expected);
  }
});

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ServerFrame } from '@tidings/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import type { ClientOptions } from './options.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { message } from './testing/frames.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient | undefined;
const logger = { warn: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  clock = new FakeClock();
});
afterEach(async () => {
  client?.disconnect();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
  await server.stop();
});

function make(options: ClientOptions = {}): TidingsClient {
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5, ...options });
  return client;
}
const revsHeard = (of: TidingsClient): number[] => {
  const revs: number[] = [];
  of.on('user_message', ({ rev }) => revs.push(rev));
  return revs;
};

test('connects with the token as a subprotocol, and resolves when caught up', async () => {
  const client = make();
  const statuses: string[] = [];
  client.onState(({ status }) => statuses.push(status));
  await client.connect('a.b.c');
  expect(server.session.protocols).toEqual(['tidings.v1', 'bearer.a.b.c']);
  expect(client.state).toMatchObject({ status: 'connected', reason: null, attempt: 0 });
  expect(client.state.user).toEqual({ id: '42', username: 'amadmin', roles: ['admin'] });
  expect(new Set(statuses)).toEqual(new Set(['connecting', 'connected']));
});

test('names no token where there is none, and says who it is by the query of a development server', async () => {
  await make({ query: { user: 'alice', roles: 'admin' } }).connect();
  expect(server.session.protocols).toEqual(['tidings.v1']);
  expect(Object.fromEntries(server.session.query)).toEqual({ user: 'alice', roles: 'admin' });
});

test('a second connect joins the first, and one while connected resolves at once', async () => {
  const client = make();
  expect(client.connect()).toBe(client.connect());
  await client.connect();
  await client.connect();
  expect(server.sessions).toHaveLength(1);
});

test('resumes from the cursor after a lost connection and drops what it has', async () => {
  const client = make();
  const revs = revsHeard(client);
  await client.connect();
  server.session.send(message('a', 1), message('b', 2));
  await until(() => revs.length === 2);
  server.onSession = (session) => {
    session.establish();
    session.send(message('b', 2, { replayed: true }), message('c', 3, { replayed: true }));
    session.sync('t:3');
  };
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  expect(client.state).toMatchObject({ reason: { code: 'connection_lost', retryable: true }, attempt: 1 });
  expect(client.state.retryAt).toBe(clock.now() + 500);
  clock.advance(500);
  await until(() => client.state.status === 'connected');
  expect(server.session.query.get('cursor')).toBe('t:2');
  expect(revs).toEqual([1, 2, 3]);
});

test('keeps the way it has gone in a catch-up that is cut', async () => {
  const client = make();
  const revs = revsHeard(client);
  await client.connect();
  server.onSession = (session) => {
    session.establish();
    session.send(message('a', 5, { replayed: true }), { type: 'ping', cursor: 't:5' });
    session.send(message('b', 6, { replayed: true }));
  };
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(500);
  await until(() => revs.length === 2);
  server.session.terminate();
  await until(() => client.state.attempt === 2);
  clock.advance(1_000);
  await until(() => server.sessions.length === 3);
  expect(server.session.query.get('cursor')).toBe('t:5');
});

test('drops what it kept when the server cannot go on from the cursor', async () => {
  const client = make();
  await client.connect();
  server.session.send(message('gone', 1), message('stays', 2));
  await until(() => client.inbox.getSnapshot().items.length === 2);
  server.onSession = (session) => {
    session.establish({ recovered: false });
    session.send(message('stays', 2, { replayed: true }));
    session.sync('other:2', 1);
  };
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(500);
  await until(() => client.state.status === 'connected');
  expect(client.inbox.getSnapshot().items.map((item) => item.id)).toEqual(['stays']);
});

test('waits as long as a restarting server says', async () => {
  const client = make();
  await client.connect();
  server.session.close(1012, '{"retry_after_ms":3210}');
  await until(() => client.state.status === 'reconnecting');
  expect(client.state.reason?.code).toBe('restarting');
  expect(client.state.retryAt).toBe(clock.now() + 3_210);
});

test('resumes at once when it was too slow, but backs off where that does not help', async () => {
  const client = make();
  await client.connect();
  server.onSession = (session) => session.close(4408);
  server.session.close(4408);
  await until(() => client.state.reason?.code === 'too_slow');
  expect(client.state.retryAt).toBe(clock.now());
  clock.advance(0);
  await until(() => client.state.attempt === 2);
  expect(client.state.retryAt).toBe(clock.now() + 1_000);
});

test('asks for a token for each attempt, and for a fresh one when one was refused', async () => {
  let count = 0;
  server.onSession = (session) => {
    if (session.protocols.includes('bearer.token2')) session.welcome();
    else session.close(4401, 'token expired');
  };
  const connected = make().connect(async () => `token${++count}`);
  await until(() => client?.state.status === 'reconnecting');
  clock.advance(0);
  await connected;
  expect(count).toBe(2);
});

test('gives up when fresh tokens are refused for a minute, and says why', async () => {
  server.onSession = (session) => session.close(4401, 'token expired');
  const connected = make().connect(() => 'bad');
  const rejected = expect(connected).rejects.toMatchObject({ name: 'TidingsError', code: 'unauthenticated' });
  await until(() => client?.state.status === 'reconnecting');
  clock.advance(0);
  await until(() => client?.state.attempt === 2);
  clock.advance(1_000);
  for (let attempt = 3; client?.state.status !== 'closed'; attempt++) {
    await until(() => client?.state.attempt === attempt);
    clock.advance((client?.state.retryAt ?? 0) - clock.now());
  }
  await rejected;
  expect(client?.state).toMatchObject({ status: 'closed', reason: { code: 'unauthenticated', retryable: false } });
  expect(client?.state.reason?.message).toContain('token expired');
  expect(server.sessions.length).toBeGreaterThan(5);
});

test('a token that is text is not tried twice', async () => {
  server.onSession = (session) => session.close(4401);
  await expect(make().connect('bad')).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(server.sessions).toHaveLength(1);
});

test('stops where the right was withdrawn', async () => {
  const client = make();
  await client.connect();
  server.session.close(4403);
  await until(() => client.state.status === 'closed');
  expect(client.state.reason).toMatchObject({ code: 'forbidden', retryable: false });
});

test('a token function that fails is asked again later', async () => {
  let count = 0;
  const connected = make().connect(() => {
    if (++count === 1) throw new Error('the network is down');
    return 'good';
  });
  await until(() => client?.state.status === 'reconnecting');
  expect(client?.state.reason?.message).toContain('the network is down');
  clock.advance(500);
  await connected;
});

test('gives up after the attempts it was given', async () => {
  await server.stop();
  const connected = make({ reconnect: { attempts: 2 } }).connect();
  const rejected = expect(connected).rejects.toMatchObject({
    ...{ code: 'unreachable', message: expect.stringMatching(/; gave up: reconnect\.attempts is 2$/) },
  });
  for (const attempt of [1, 2]) {
    await until(() => client?.state.attempt === attempt);
    clock.advance(2_000);
  }
  await rejected;
  expect(client?.state).toMatchObject({ status: 'closed', attempt: 3 });
});

test('the wait doubles up to its longest, half jittered', async () => {
  await server.stop();
  const client = make({ reconnect: { minDelayMs: 100, maxDelayMs: 350 }, random: () => 0 });
  client.connect();
  const waits: number[] = [];
  for (const attempt of [1, 2, 3, 4]) {
    await until(() => client.state.attempt === attempt);
    waits.push((client.state.retryAt ?? 0) - clock.now());
    clock.advance(1_000);
  }
  expect(waits).toEqual([50, 100, 175, 175]);
});

test('disconnect stops, and connect resumes from there', async () => {
  const client = make();
  await client.connect();
  server.session.send(message('a', 1));
  await until(() => client.inbox.getSnapshot().items.length === 1);
  client.disconnect();
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'stopped' } });
  clock.advance(100_000);
  expect(server.sessions).toHaveLength(1);
  await client.connect();
  expect(server.session.query.get('cursor')).toBe('t:1');
});

test('disconnect while connecting rejects who waits, and lets the attempt go', async () => {
  const client = make();
  const connected = client.connect();
  client.disconnect();
  await expect(connected).rejects.toMatchObject({ code: 'unavailable' });
  await client.connect();
  expect(client.state.status).toBe('connected');
});

test('takes silence for a dead connection, and pings for life', async () => {
  const client = make();
  await client.connect();
  clock.advance(60_000);
  server.session.send({ type: 'ping', cursor: 't:9' });
  await new Promise<void>((resolve) => client.on('ping', () => resolve()));
  clock.advance(60_000);
  expect(client.state.status).toBe('connected');
  clock.advance(2_500);
  await until(() => client.state.status === 'reconnecting');
  expect(client.state.reason?.code).toBe('connection_lost');
  clock.advance(500);
  await until(() => server.sessions.length === 2);
  expect(server.session.query.get('cursor')).toBe('t:9');
});

test('asks for a sign of life when the device comes back to the network', async () => {
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const client = make();
  await client.connect();
  const replied = new Promise<void>((resolve) => client.on('reply', () => resolve()));
  page.dispatchEvent(new Event('online'));
  await replied;
  clock.advance(6_000);
  expect(client.state.status).toBe('connected');
  server.session.answers = false;
  page.dispatchEvent(new Event('online'));
  clock.advance(5_000);
  await until(() => client.state.status === 'reconnecting');
  page.dispatchEvent(new Event('online'));
  await until(() => client.state.status === 'connected');
});

test('doubts a connection on which an action has no answer, and sends it again on the next', async () => {
  const client = make();
  await client.connect();
  server.session.answers = false;
  const answered = client.request({ action: 'mark_read', id: 'n1' });
  await until(() => server.session.actions.length === 1);
  clock.advance(10_000);
  expect(client.state.status).toBe('connected');
  clock.advance(4_000);
  client.request({ action: 'unread_count' });
  clock.advance(1_000);
  await until(() => client.state.status === 'reconnecting');
  clock.advance(1_000);
  await answered;
  expect(server.sessions).toHaveLength(2);
});

test('keeps a connection that answers, however long an action takes', async () => {
  const client = make();
  await client.connect();
  server.session.answers = false;
  client.request({ action: 'mark_read', id: 'n1' }).catch(() => {});
  await until(() => server.session.actions.length === 1);
  server.session.answers = true;
  const replied = new Promise<void>((resolve) => client.on('reply', () => resolve()));
  clock.advance(10_000);
  await replied;
  clock.advance(30_000);
  expect(client.state.status).toBe('connected');
});

test('asks for a sign of life when connect() is called while connected, as where nobody tells of a wake', async () => {
  const client = make();
  await client.connect();
  server.session.answers = false;
  await client.connect();
  clock.advance(4_000);
  await client.connect();
  clock.advance(1_000);
  await until(() => client.state.status === 'reconnecting');
});

test('begins anew when the device comes back to the network, whatever an attempt was waiting for', async () => {
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const silent = createServer();
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const called = new Promise<Socket>((resolve) => silent.once('connection', resolve));
  let isAway = true;
  class Strays extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(isAway ? `ws://127.0.0.1:${(silent.address() as AddressInfo).port}` : url, protocols);
    }
  }
  const client = make({ WebSocket: Strays as typeof WebSocket });
  client.connect();
  const line = await called;
  isAway = false;
  page.dispatchEvent(new Event('online'));
  await until(() => client.state.status === 'connected');
  line.destroy();
  silent.close();
});

test('looks at once when the page comes to the front after sleep', async () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal('document', page);
  const client = make();
  await client.connect();
  clock.sleep(3_600_000);
  await until(() => client.state.status === 'reconnecting');
  page.dispatchEvent(new Event('visibilitychange'));
  await until(() => client.state.status === 'connected');
});

test('a handler that throws stops neither the others nor what follows', async () => {
  const client = make();
  const heard: string[] = [];
  client.on('user_message', () => {
    throw new Error('mine');
  });
  client.on('user_message', ({ id }) => heard.push(id));
  client.on('*', ({ type }) => heard.push(type));
  await client.connect();
  server.session.send(message('a', 1), message('b', 2));
  await until(() => heard.length === 6);
  expect(heard).toEqual(['connection_established', 'synced', 'a', 'user_message', 'b', 'user_message']);
  expect(logger.error).toHaveBeenCalledTimes(2);
});

test('a handler taken off hears no more, and those of custom events get the frame as it came', async () => {
  const client = make();
  const heard: unknown[] = [];
  const off = client.on('user_message', () => heard.push('off'));
  client.on('invoice_overdue', (frame) => heard.push(frame.days));
  await client.connect();
  off();
  server.session.send(message('a', 1), { ...message('b', 2), type: 'invoice_overdue', days: 3 });
  await until(() => heard.length > 0);
  expect(heard).toEqual([3]);
});

test('what cannot be read is logged and passed over', async () => {
  const client = make();
  const frames: ServerFrame[] = [];
  client.on('*', (frame) => frames.push(frame));
  await client.connect();
  server.session.send([1, 2], { no: 'type' }, message('a', 1));
  await until(() => frames.length === 3);
  expect(logger.warn).toHaveBeenCalledTimes(2);
});

test('an address that is none is refused with what to set', async () => {
  const connected = make({ url: 'ftp://somewhere' }).connect();
  await expect(connected).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('ftp://') });
  expect(client?.state.status).toBe('closed');
});

test('a token that cannot travel is refused', async () => {
  await expect(make().connect('with space')).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(server.sessions).toHaveLength(0);
});

test('says so when the server answers but refuses the upgrade', async () => {
  server.refuseWith = 502;
  const client = make();
  client.connect('a.b.c');
  await until(() => client.state.status === 'reconnecting');
  expect(client.state.reason).toMatchObject({ code: 'unreachable', message: expect.stringContaining('proxy') });
  expect(server.asked[0]?.headers.authorization).toBe('Bearer a.b.c');
});

test('the state is one object until it changes', async () => {
  const client = make();
  expect(client.state).toBe(client.state);
  const before = client.state;
  await client.connect();
  expect(client.state).not.toBe(before);
  expect(client.state).toBe(client.state);
});

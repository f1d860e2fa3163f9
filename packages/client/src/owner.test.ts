import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { inboxView } from './inbox-view.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { message, taskFrame } from './testing/frames.ts';
import { ProtocolServer, type Session } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient;
const logger = { warn: vi.fn(), error: vi.fn() };

/** A session of whom the token names; who resumes is resumed, as an older server would do it for anybody. */
function welcome(session: Session, then = () => session.sync('t:9')): void {
  const user_id = session.protocols[1]?.replace('bearer.', '') ?? 'cookie';
  const cursor = session.query.get('cursor');
  session.send({
    ...{ type: 'connection_established', user_id, username: user_id, session_id: 's', roles: [] },
    ...{ cursor, recovered: true, server_time: '2026-01-31T09:30:00Z' },
  });
  then();
}

beforeEach(async () => {
  server = await ProtocolServer.start((session) => welcome(session));
  clock = new FakeClock();
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
  await client.connect('alice');
  server.session.send(message('secret', 13), taskFrame('t1', 14));
  await until(() => client.tasks.get('t1') !== undefined);
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

const titles = () => client.inbox.getSnapshot().items.map(({ id }) => id);
const named = () => server.session.actions.map(({ action, task_id }) => (task_id ? `${action} ${task_id}` : action));

test('nothing of one user is shown to the next, from the greeting on', async () => {
  const view = inboxView(client, { unread: true });
  const seen: unknown[] = [];
  client.onState(({ user }) => user?.id === 'bob' && seen.push(titles(), client.tasks.getSnapshot().size));
  client.on('connection_established', (frame) => seen.push(frame.recovered, frame.cursor, view.getSnapshot().items));
  client.disconnect();
  expect(titles()).toEqual(['secret']);
  server.onSession = (session) => welcome(session, () => {});
  client.connect('bob');
  await until(() => client.state.user?.id === 'bob');
  expect(seen).toEqual([[], 0, false, null, []]);
  server.session.sync('t:9');
  await until(() => client.state.status === 'connected');
  expect(titles()).toEqual([]);
});

test('connect() with another token while live reconnects; with the same one it stays', async () => {
  await client.connect('alice');
  expect(server.sessions).toHaveLength(1);
  await client.connect('bob');
  expect(server.sessions).toHaveLength(2);
  expect(client.state.user?.id).toBe('bob');
  expect(titles()).toEqual([]);
});

test('the same user with a new token keeps everything, and what waits is sent', async () => {
  server.onSession = (session) => {
    session.answers = true;
    session.send({
      ...{ type: 'connection_established', user_id: 'alice', username: 'alice', session_id: 's', roles: [] },
      ...{ cursor: session.query.get('cursor'), recovered: true, server_time: '' },
    });
    session.sync('t:19');
  };
  client.subscribe('t1');
  await until(() => named().includes('subscribe t1'));
  await client.request({ action: 'ping' });
  await client.connect('alice-2');
  await client.inbox.markRead('secret');
  expect(titles()).toEqual(['secret']);
  expect(server.session.query.get('topics')).toBe('task:t1');
});

test('what one user asked for without a connection is not done as the next, who asks for their own at once', async () => {
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  const dropped = [client.inbox.markAllRead(), client.inbox.markSeen('secret'), client.request({ action: 'list' })];
  client.subscribe('of-alice');
  const rejected = Promise.all(
    dropped.map((one) => expect(one).rejects.toMatchObject({ code: 'unauthenticated', retryable: false })),
  );
  const connected = client.connect('bob');
  client.subscribe('of-bob');
  const own = client.request({ action: 'unread_count' });
  await connected;
  clock.advance(1_000);
  await rejected;
  await own;
  await until(() => named().length === 2);
  expect(named().sort()).toEqual(['subscribe of-bob', 'unread_count']);
  expect(server.session.query.get('topics')).toBe('');
});

test('another user by the cookie, as after a sign-in in another tab, begins anew just so', async () => {
  const plain = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
  let cookie = 'alice';
  server.onSession = (session) => {
    session.send({
      ...{ type: 'connection_established', user_id: cookie, username: cookie, session_id: 's', roles: [] },
      ...{ cursor: null, recovered: session.query.get('cursor') === null, server_time: '' },
    });
    session.sync('t:9');
  };
  await plain.connect();
  server.session.send(message('secret', 10));
  await until(() => plain.inbox.getSnapshot().items.length === 1);
  cookie = 'bob';
  server.session.terminate();
  await until(() => plain.state.status === 'reconnecting');
  const dropped = expect(plain.inbox.markRead('secret')).rejects.toMatchObject({ code: 'unauthenticated' });
  clock.advance(500);
  await until(() => plain.state.status === 'connected');
  await dropped;
  await plain.request({ action: 'ping' });
  expect(named()).toEqual(['ping']);
  expect(plain.inbox.getSnapshot().items).toEqual([]);
  plain.disconnect();
});

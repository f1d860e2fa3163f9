import type { ConnectedUser } from '@tidings/protocol';
import { afterEach, expect, test } from 'vitest';
import { PgBouncer } from '../testing/pgbouncer.ts';
import { TestDatabase } from '../testing/postgres.ts';
import { type PlainSocket, RunningServer } from '../testing/running-server.ts';
import { token } from '../testing/tokens.ts';

/** Asks until it is so, for as long as the test may take. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function servers(count: number): Promise<RunningServer[]> {
  const database = await TestDatabase.create();
  cleanups.push(() => database.drop());
  const all = await Promise.all(Array.from({ length: count }, () => RunningServer.start({ database: database.url })));
  for (const server of all) cleanups.push(() => server.stop());
  return all;
}

test('one server on PostgreSQL carries a notification from a back end to a socket, the inbox and the count', async () => {
  const [server] = (await servers(1)) as [RunningServer];
  const socket = await server.join('1');
  const { status, body } = await server.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'Ready' });
  expect(status).toBe(201);
  expect(await socket.got('user_notification')).toMatchObject({ id: body.id, title: 'Ready' });
  const inbox = await server.callAs('1', 'GET', '/api/v1/inbox');
  expect(inbox.body).toMatchObject({ items: [{ id: body.id }], unread_count: 1 });
});

test('what one of two servers on a database is sent arrives at the sockets of the other, in order and once', async () => {
  const [one, other] = (await servers(2)) as [RunningServer, RunningServer];
  const socket = await other.join('1');
  const sent: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { body } = await (n % 2 === 0 ? one : other).call('POST', '/api/v1/notifications', { to: { user: '1' } });
    sent.push(body.id);
  }
  await socket.got('user_notification', sent.length);
  expect(socket.of('user_notification').map(({ id }) => id)).toEqual(sent);
});

/** Publishes at one server, and waits for it at a socket of another, so many times; returns how long that took, ms. */
async function relay(from: RunningServer, socket: PlainSocket, times: number): Promise<number> {
  const begun = performance.now();
  for (let n = 0; n < times; n++) {
    const { length } = socket.of('user_notification');
    await from.call('POST', '/api/v1/notifications', { to: { user: '1' } });
    await socket.got('user_notification', length + 1);
  }
  return performance.now() - begun;
}

test('what is published at one server is heard at the other at once, not when it next compares itself with the store', async () => {
  const [one, other] = (await servers(2)) as [RunningServer, RunningServer];
  const [here, there] = [await one.join('1'), await other.join('1')];
  // Each would take until the next second otherwise.
  expect(await relay(one, there, 10)).toBeLessThan(5_000);
  expect(await relay(other, here, 10)).toBeLessThan(5_000);
  const ids = (socket: PlainSocket) => socket.of('user_notification').map(({ id }) => id);
  expect(ids(here)).toEqual(ids(there));
});

test('behind a pooler that lets no notification through, it is heard within seconds; the server is ready, and says what is missing', async () => {
  const database = await TestDatabase.create();
  cleanups.push(() => database.drop());
  const pooler = await PgBouncer.start(database.url, 'transaction');
  cleanups.push(() => pooler.stop());
  const options = { database: pooler.url(database.url) };
  const [one, other] = await Promise.all([RunningServer.start(options), RunningServer.start(options)]);
  cleanups.push(() => Promise.all([one.stop(), other.stop()]));
  const there = await other.join('1');
  expect(await relay(one, there, 3)).toBeLessThan(10_000);
  await until(async () => (await one.call('GET', '/healthz')).body.reasons.length > 0);
  expect((await one.call('GET', '/healthz')).body).toMatchObject({
    status: 'ok',
    reasons: [expect.stringMatching(/^other nodes are not heard: a pooler/)],
  });
  expect((await one.call('GET', '/readyz')).body).toMatchObject({ ready: true });
  const told = await RunningServer.start({ ...options, listenUrl: database.url });
  cleanups.push(() => told.stop());
  expect(await relay(one, await told.join('1'), 10)).toBeLessThan(5_000);
  expect((await told.call('GET', '/healthz')).body.reasons).toEqual([]);
});

test('who is connected is known at every server of a database', async () => {
  const [one, other] = (await servers(2)) as [RunningServer, RunningServer];
  await one.join('1');
  await other.join('1');
  await other.join('2');
  for (const server of [one, other]) {
    await until(async () => (await server.call('GET', '/api/v1/connections')).body.users.length === 2);
    const { body } = await server.call('GET', '/api/v1/connections');
    expect(body.users.map(({ user_id, connections }: ConnectedUser) => [user_id, connections]).sort()).toEqual([
      ['1', 2],
      ['2', 1],
    ]);
  }
});

test('a client that leaves one server resumes at the other where it was', async () => {
  const [one, other] = (await servers(2)) as [RunningServer, RunningServer];
  const first = await one.join('1');
  await one.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'before' });
  const { cursor } = await first.got('user_notification');
  await one.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'after' });
  const second = await other.open(`/ws/?token=${token({ sub: '1' })}&cursor=${cursor}`).settled();
  expect(second.received[0]).toMatchObject({ type: 'connection_established', recovered: true });
  expect(second.of('user_notification').map(({ title }) => title)).toEqual(['after']);
});

test('servers live through notifications of others on their channel, which every role of the database may send', async () => {
  const database = await TestDatabase.create();
  cleanups.push(() => database.drop());
  const [one, other] = [
    await RunningServer.start({ database: database.url }),
    await RunningServer.start({ database: database.url }),
  ];
  for (const server of [one, other]) cleanups.push(() => server.stop());
  const text = (channel: string, body: string) => `x text ${channel.length} ${channel}${body}`;
  const forged = [
    ...['null', 'no JSON', '5', '{}', '[]'].flatMap((body) =>
      ['nodes', 'questions:users', 'questions:connections'].map((channel) => text(channel, body)),
    ),
    text('questions:connections', '{"id":1,"from":"zz","question":null}'),
    text('questions:users', `{"id":1,"from":"${'x'.repeat(7_600)}","question":null}`),
    'x committed {"term":"t","from":1,"to":99999999999999999999}',
  ];
  const channel = `select 'tidings_' || left(encode(sha256('public'::bytea), 'hex'), 24)`;
  for (const payload of forged) await database.query(`select pg_notify((${channel}), '${payload}')`);
  await other.join('1');
  await until(async () => {
    const { body } = await one.call('GET', '/api/v1/connections');
    return body.users.some(({ user_id }: ConnectedUser) => user_id === '1');
  });
});

import { afterEach, expect, test } from 'vitest';
import { TestDatabase } from '../testing/postgres.ts';
import { RunningServer } from '../testing/running-server.ts';
import { token } from '../testing/tokens.ts';

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

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { prepared } from '../../../testing/prepared.ts';
import { TestDatabase } from '../testing/postgres.ts';
import { TempFolder } from '../testing/temp-store.ts';
import { createTidings } from './server.ts';
import type { Telemetry } from './telemetry/events.ts';

function sqliteFile(): string {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  return `sqlite:${prepared(folder.file())}`;
}

async function connected(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address);
  await new Promise<void>((synced) => {
    socket.on('message', (data) => String(data).includes('"synced"') && synced());
  });
  return socket;
}

async function postgresDatabase(): Promise<string> {
  const database = await TestDatabase.borrow();
  onTestFinished(() => database.giveBack());
  return database.url;
}

describe.each([
  ['SQLite', sqliteFile],
  ['PostgreSQL', postgresDatabase],
])('a server on %s that was closed', (_name, database) => {
  test('refuses every call, for good, and stores nothing', async () => {
    const place = await database();
    const tidings = await createTidings({ database: place });
    await tidings.users.setRoles('1', []);
    const { id } = await tidings.notify({ to: { user: '1' }, title: 'before' });
    await tidings.close();
    const refused = { code: 'unavailable', retryable: false, message: expect.stringMatching(/^close\(\) was called/) };
    const calls: (() => unknown)[] = [
      () => tidings.notify({ to: { user: '1' }, title: 'after' }),
      () => tidings.notifications.get(id),
      () => tidings.notifications.retract(id),
      () => tidings.tasks.start({ owner: '1', name: 'export' }),
      () => tidings.tasks.get('t'),
      () => tidings.users.setRoles('1', ['admin']),
      () => tidings.listen({ port: 0 }),
      () => tidings.attach(createServer()),
    ];
    for (const call of calls) await expect(new Promise((resolve) => resolve(call()))).rejects.toMatchObject(refused);
    const next = await createTidings({ database: place });
    onTestFinished(() => next.close());
    expect((await next.users.inbox('1')).items.map(({ title }) => title)).toEqual(['before']);
  });
});

test('a server with people on it ends without a failure', async () => {
  const place = sqliteFile();
  const failures: string[] = [];
  const telemetry: Telemetry = {
    emit: (event) => void (event.type === 'failure' && failures.push(event.error.message)),
  };
  const tidings = await createTidings({ database: place, dev: true, telemetry });
  const { url } = await tidings.listen({ port: 0 });
  const address = url.replace('http', 'ws');
  const people = await Promise.all([1, 2, 3].map((user) => connected(`${address}/ws/?user=${user}`)));
  // One does not take notice of the end.
  people[0]?.pause();
  await Promise.all([1, 2, 3].map((user) => tidings.notify({ to: { user: `${user}` }, title: 'before' })));
  await tidings.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(failures).toEqual([]);
  for (const socket of people) socket.terminate();
}, 30_000);

test('an application whose server goes on answers our paths only when all is closed; until then we do, and clients are told to come back', async () => {
  const tidings = await createTidings({ database: sqliteFile(), dev: true });
  const begun = Promise.withResolvers<void>();
  tidings.tasks.define('slow to stop', async ({ signal }) => {
    begun.resolve();
    await new Promise((aborted) => signal.addEventListener('abort', aborted));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  });
  await tidings.tasks.start('slow to stop', {}, { owner: '1' });
  await begun.promise;
  const server = createServer((_request, response) => response.writeHead(418).end());
  tidings.attach(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const status = async (path: string) => (await fetch(`http://${address}${path}`)).status;

  const closed = tidings.close();
  expect(await status('/tidings.js')).toBe(200);
  expect(await status('/api/v1/whoami?user=1')).toBe(200);
  const socket = new WebSocket(`ws://${address}/ws/?user=1`);
  const [code, reason] = await new Promise<[number, Buffer]>((resolve) => {
    socket.on('close', (...end) => resolve(end));
  });
  expect(code).toBe(1012);
  expect(JSON.parse(reason.toString())).toEqual({ retry_after_ms: expect.any(Number) });
  await closed;
  expect(await status('/api/v1/whoami?user=1')).toBe(418);
});

import { chmodSync, renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FaultyProxy } from '../testing/faulty-proxy.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { RunningServer } from '../testing/running-server.ts';
import { TempFolder } from '../testing/temp-store.ts';

/** A way for a database to go away under a server that nobody sends anything to, and to come back. */
interface Fault {
  name: string;
  place(): Promise<{ database: string; leave(): unknown; comeBack(): unknown }>;
  reason: RegExp;
}

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await PostgresServer.start();
}, 60_000);
afterAll(() => postgres.remove());

function sqliteFile(): string {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  return folder.file();
}

function moved(path: string, file: string) {
  return {
    database: `sqlite:${path}`,
    leave: () => renameSync(file, `${file}-away`),
    comeBack: () => renameSync(`${file}-away`, file),
  };
}

const faults: readonly Fault[] = [
  {
    name: 'PostgreSQL is stopped',
    place: async () => ({
      database: postgres.url('postgres'),
      leave: () => postgres.stop(),
      comeBack: () => postgres.resume(),
    }),
    reason: /^the database cannot be used: (no PostgreSQL answers there|the server is not ready|Connection terminated)/,
  },
  {
    name: 'PostgreSQL hangs',
    place: async () => ({
      database: postgres.url('postgres'),
      leave: () => postgres.freeze(),
      comeBack: () => postgres.thaw(),
    }),
    reason: /^the database has not answered for 1.5 s$/,
  },
  {
    name: 'the network has lost all connections to PostgreSQL, and tells nobody',
    async place() {
      const proxy = await FaultyProxy.to(postgres.port);
      onTestFinished(() => proxy.close());
      const database = new URL(postgres.url('postgres'));
      database.port = String(proxy.port);
      database.searchParams.set('connect_timeout', '2');
      return { database: database.href, leave: () => proxy.silence(), comeBack: () => proxy.speak() };
    },
    reason: /^the database has not answered for 1.5 s$/,
  },
  {
    name: 'the file of a SQLite database is moved away',
    async place() {
      const path = sqliteFile();
      return moved(path, path);
    },
    reason: /tidings\.db is gone; put back the one that was there, or restart this server$/,
  },
  {
    name: 'the write-ahead log of a SQLite database is moved away',
    async place() {
      const path = sqliteFile();
      return moved(path, `${path}-wal`);
    },
    reason: /tidings\.db-wal is gone; put back/,
  },
];

async function readiness(server: RunningServer, is: boolean): Promise<string[]> {
  for (;;) {
    const { status, body } = await server.call('GET', '/readyz');
    expect(body.ready).toBe(status === 200);
    if (body.ready === is) return body.reasons;
  }
}

const send = (server: RunningServer) =>
  server.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'Hi' });

async function playing(fault: Omit<Fault, 'name'>): Promise<void> {
  const { database, leave, comeBack } = await fault.place();
  const server = await RunningServer.start({ database }, { isDescribed: false });
  onTestFinished(() => server.stop());
  expect((await send(server)).status).toBe(201);
  expect((await server.call('GET', '/readyz')).body).toEqual({ ready: true, reasons: [] });
  await leave();
  try {
    expect((await readiness(server, false))[0]).toMatch(fault.reason);
    expect((await server.call('GET', '/healthz')).body).toMatchObject({ status: 'down', database: { ok: false } });
  } finally {
    await comeBack();
  }
  await readiness(server, true);
  // The connection that listens to other nodes comes back a little later.
  await expect.poll(async () => (await server.call('GET', '/readyz')).body).toEqual({ ready: true, reasons: [] });
  expect((await send(server)).status).toBe(201);
  expect((await server.callAs('1', 'GET', '/api/v1/inbox')).body.items.length).toBeGreaterThanOrEqual(2);
}

describe('a server that is idle while its database goes away is not ready, says why, and is well again by itself', () => {
  test.each(faults)('$name', playing);

  // Root may write whatever the file's rights are.
  test.skipIf(process.getuid?.() === 0)('a SQLite database may not be written any more', () =>
    playing({
      async place() {
        const path = sqliteFile();
        return {
          database: `sqlite:${path}`,
          leave: () => chmodSync(path, 0o444),
          comeBack: () => chmodSync(path, 0o644),
        };
      },
      reason: /may not be written any more \(EACCES\); check its volume and rights$/,
    }),
  );
});

test('nothing is accepted into a SQLite file that has no name any more, nor while another is in its place', async () => {
  const path = sqliteFile();
  const server = await RunningServer.start({ database: `sqlite:${path}` }, { isDescribed: false });
  onTestFinished(() => server.stop());
  renameSync(path, `${path}-away`);
  expect(await send(server)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  const { body } = await server.call('GET', '/healthz');
  expect(body.reasons, 'anybody may read it').toEqual([expect.stringMatching(/^tidings\.db(-wal)? is gone; put back/)]);
  const other = sqliteFile();
  await (await RunningServer.start({ database: `sqlite:${other}` }, { isDescribed: false })).tidings.close();
  renameSync(other, path);
  expect((await send(server)).body.detail).toMatch(/^another file is in the place of tidings\.db; put back/);
  renameSync(`${path}-away`, path);
  expect((await send(server)).status).toBe(201);
});

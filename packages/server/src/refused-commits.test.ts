import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import { TestDatabase } from '../testing/postgres.ts';
import { RunningServer } from '../testing/running-server.ts';
import { TempFolder } from '../testing/temp-store.ts';
import type { TelemetryEvent } from './telemetry/events.ts';

/** A database, and another program that runs statements in it. */
interface Place {
  database: string;
  run(statements: string): unknown;
}

function sqlitePlace(): Place {
  const folder = new TempFolder();
  const path = prepared(folder.file());
  const other = new Database(path);
  onTestFinished(() => {
    other.close();
    folder.remove();
  });
  return { database: `sqlite:${path}`, run: (statements) => other.exec(statements) };
}

async function postgresPlace(): Promise<Place> {
  const database = await TestDatabase.create();
  onTestFinished(() => database.drop());
  return { database: database.url, run: (statements) => database.query(statements) };
}

const places = [
  { name: 'SQLite', place: sqlitePlace, words: /no such table/ },
  { name: 'PostgreSQL', place: postgresPlace, words: /does not exist/ },
];

async function serving({ database }: Place) {
  const events: TelemetryEvent[] = [];
  const server = await RunningServer.start({ database, telemetry: { emit: (event) => events.push(event) } });
  onTestFinished(() => server.stop());
  const ready = async () => (await server.call('GET', '/readyz')).body as { ready: boolean; reasons: string[] };
  const failures = () => events.filter((event) => event.type === 'store_failed');
  return { server, ready, failures };
}

const send = (server: RunningServer) =>
  server.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'Hi' });
const readAll = (server: RunningServer) => server.callAs('1', 'POST', '/api/v1/actions', { action: 'mark_all_read' });

test.each(places)(
  '$name: a commit for which a table is missing is answered 503 without the database’s words, logged, and not ready until it can be made',
  async ({ place, words }) => {
    const here = await place();
    const { server, ready, failures } = await serving(here);
    expect((await send(server)).status).toBe(201);
    expect((await readAll(server)).status).toBe(200);
    await send(server);
    await here.run('alter table unread_counts rename to away');
    for (let n = 0; n < 5; n++) {
      const { status, body } = await send(server);
      expect({ status, body }).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(body.detail).toMatch(/^nothing was stored: the database refused it \(\w+\); the server's log says why/);
    }
    expect(failures()[0]).toMatchObject({ doing: 'commit', cause: expect.stringMatching(words) });
    expect(failures().length).toBeLessThan(5);
    expect(await ready()).toMatchObject({ ready: false, reasons: [expect.stringMatching(/the database refused it/)] });
    // Another kind of commit succeeds, and does not tell that this one would.
    expect((await server.call('POST', '/api/v1/tokens/revoke', { token_id: 'j' })).status).toBe(200);
    expect((await ready()).ready).toBe(false);
    await here.run('alter table away rename to unread_counts');
    await expect.poll(ready).toEqual({ ready: true, reasons: [] });
    expect((await send(server)).status).toBe(201);
  },
);

test.each(places)(
  '$name: a read for which a table is missing is answered 503 without the database’s words, and logged',
  async ({ place, words }) => {
    const here = await place();
    const { server, failures } = await serving(here);
    expect((await readAll(server)).status).toBe(200);
    await here.run('alter table receipts rename to away');
    const { status, body } = await server.callAs('1', 'GET', '/api/v1/inbox');
    expect({ status, detail: body.detail }).toEqual({
      status: 503,
      detail: 'the database could not be read; try again later',
    });
    expect(failures()).toContainEqual(expect.objectContaining({ doing: 'read', cause: expect.stringMatching(words) }));
  },
);

test('SQLite: a server is not ready while a commit waits for the lock of another program, nor after it was refused', async () => {
  const here = sqlitePlace();
  const { server, ready, failures } = await serving(here);
  here.run('begin immediate');
  const waiting = send(server);
  await expect.poll(async () => (await ready()).ready).toBe(false);
  expect(await waiting).toMatchObject({
    status: 503,
    body: { detail: 'nothing was stored: another program holds a lock on the database; send it again' },
  });
  expect(failures()[0]).toMatchObject({ doing: 'commit', cause: expect.stringMatching(/database is locked/) });
  expect((await ready()).ready).toBe(false);
  here.run('rollback');
  await expect.poll(ready).toEqual({ ready: true, reasons: [] });
}, 20_000);

import { rmSync, writeFileSync } from 'node:fs';
import type { SystemHealth } from '@tidings/protocol';
import Database from 'better-sqlite3';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import { runHere } from '../testing/cli/run-here.ts';
import { ServeProcess } from '../testing/cli/serve-process.ts';
import { DocumentCheck } from '../testing/document-check.ts';
import { freePort } from '../testing/free-port.ts';
import { healthAt, holds, shows } from '../testing/health.ts';
import { TestDatabase } from '../testing/postgres.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { apiKey, PlainSocket, RunningServer } from '../testing/running-server.ts';
import { TempFolder } from '../testing/temp-store.ts';
import { secret, token } from '../testing/tokens.ts';

/** A database of PostgreSQL for one test. */
async function postgresUrl(): Promise<string> {
  const database = await TestDatabase.create();
  onTestFinished(() => database.drop());
  return database.url;
}

/** Reads what a database has, beside the server. */
async function rowsAt(url: string, statement: string): Promise<unknown[]> {
  if (url.startsWith('sqlite:')) {
    const database = new Database(url.replace('sqlite:', ''), { readonly: true });
    const rows = database.prepare(statement).all();
    database.close();
    return rows;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

const incidentsAt = (url: string) => rowsAt(url, 'select node, component, ended_by from incidents order by ordinal');

/** A module that holds up its process more than half of the time while there is such a file, and takes no CPU for that. */
const blocksWhile = (file: string): string => `import { existsSync } from 'node:fs';
const nothing = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => {
  if (existsSync(${JSON.stringify(file)})) Atomics.wait(nothing, 0, 0, 700);
}, 500);`;

async function start(database: string): Promise<RunningServer> {
  const server = await RunningServer.start({ database, health: { canary: true }, limits: { maxConnections: 10 } });
  onTestFinished(() => server.stop());
  return server;
}

describe.each(['SQLite', 'PostgreSQL'])('on %s', (kind) => {
  test('incidents outlive a kill, and those that went on are over by the restart', async () => {
    const folder = new TempFolder();
    onTestFinished(() => folder.remove());
    const database = kind === 'SQLite' ? `sqlite:${prepared(folder.file())}` : await postgresUrl();
    const [busy, preload] = [folder.file('busy'), folder.file('blocks.mjs')];
    writeFileSync(preload, blocksWhile(busy));
    const settings = { JWT_SECRET: secret, API_KEY: apiKey, PORT: `${await freePort()}`, DATABASE: database };
    const server = new ServeProcess({ folder: folder.path, settings, preload });
    onTestFinished(async () => void (await server.end()));
    await server.start();
    const { node: killed } = await healthAt(server.url);
    const blocked = { component: 'event_loop', node: killed };
    const history = (...expected: object[]) =>
      holds(async () => {
        const found = (await healthAt(server.url)).history.filter(({ component }) => component === 'event_loop');
        expect(found).toMatchObject(expected.map((one) => ({ ...blocked, ...one })));
      }, 60_000);
    writeFileSync(busy, '');
    await history({ ended_by: null });
    rmSync(busy);
    await history({ ended_by: 'recovery' });
    writeFileSync(busy, '');
    await history({ ended_by: null }, { ended_by: 'recovery' });
    await holds(async () => expect(await incidentsAt(database)).toContainEqual({ ...blocked, ended_by: null }));
    await server.end('SIGKILL');
    rmSync(busy);
    await server.start();
    const path = `/ws/system-health/?token=${token({ sub: 'ann', roles: ['admin'] })}`;
    const socket = new PlainSocket(server.url.replace('http', 'ws') + path, [], {}, await DocumentCheck.of(server.url));
    onTestFinished(() => socket.ws.terminate());
    const first = (await socket.got('system_health')) as unknown as SystemHealth;
    expect(first).toMatchObject({ components: { event_loop: { state: 'ok' } }, incidents: [] });
    expect(first.node).not.toBe(killed);
    expect(first.history.filter(({ component }) => component === 'event_loop')).toEqual([
      {
        ...{ ...blocked, id: expect.any(String), state: expect.any(String), ended_by: 'restart' },
        ...{ started_at: expect.any(String), ended_at: expect.any(String) },
        reasons: expect.arrayContaining([expect.stringMatching(/^the event loop was blocked for \d+ ms/)]),
      },
      expect.objectContaining({ ...blocked, ended_by: 'recovery' }),
    ]);
    expect(socket.misfits).toEqual([]);
  }, 240_000);
});

test('two nodes have one history, with the incidents of each, also of one that has ended', async () => {
  const database = await postgresUrl();
  const [one, other] = [await start(database), await start(database)];
  const [first, second] = [(await healthAt(one.url)).node, (await healthAt(other.url)).node];
  for (const server of [one, other]) await Promise.all(Array.from({ length: 10 }, (_, n) => server.join(`u${n}`)));
  const goesOn = (node: string) => expect.objectContaining({ node, component: 'sessions', ended_by: null });
  await holds(async () => {
    const { history, other_nodes } = await healthAt(one.url);
    expect(history).toEqual(expect.arrayContaining([goesOn(first), goesOn(second)]));
    expect(other_nodes).toMatchObject([{ node: second, components: { sessions: { state: 'degraded' } } }]);
    expect((await healthAt(other.url)).history).toEqual(history);
  }, 40_000);
  // Each has a canary of its own.
  const canaries = "select id from records where kind = 'canary' order by id";
  await holds(async () =>
    expect(await rowsAt(database, canaries)).toEqual([first, second].sort().map((node) => ({ id: `canary:${node}` }))),
  );
  await other.tidings.close();
  const ended = expect.objectContaining({ node: second, component: 'sessions', ended_by: 'restart' });
  await holds(async () =>
    expect((await healthAt(one.url)).history).toEqual(expect.arrayContaining([goesOn(first), ended])),
  );
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const { code, stdout } = await runHere(['health', '--url', one.url, '--api-key', apiKey], { folder: folder.path });
  expect(code).toBe(1);
  const reason = '10 of 10 connections are open; add a node, or raise limits\\.maxConnections';
  expect(stdout).toMatch(new RegExp(`^  sessions of ${first}: degraded since \\S+ \\S+: ${reason}$`, 'm'));
  const restarted = 'degraded from \\S+ \\S+ to \\S+ \\S+, until its node was stopped or lost';
  expect(stdout).toMatch(new RegExp(`^  sessions of ${second}: ${restarted}: ${reason}$`, 'm'));
}, 90_000);

test('an outage of the database is stored once it is over', async () => {
  const postgres = await PostgresServer.start();
  onTestFinished(() => postgres.remove());
  const database = postgres.url('postgres');
  const server = await start(database);
  const { node } = await healthAt(server.url);
  await postgres.freeze();
  try {
    await shows(server.url, { components: { store: { state: 'down' } } }, 30_000);
  } finally {
    await postgres.thaw();
  }
  await shows(server.url, { components: { store: { state: 'ok' } } }, 30_000);
  await holds(async () =>
    expect(await incidentsAt(database)).toContainEqual({ node, component: 'store', ended_by: 'recovery' }),
  );
  await server.restart(async () => {});
  const { history, node: next } = await healthAt(server.url);
  expect(next).not.toBe(node);
  expect(history).toContainEqual(expect.objectContaining({ node, component: 'store', state: 'down' }));
}, 120_000);

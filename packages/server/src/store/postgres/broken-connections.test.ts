import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunningCli } from '../../../testing/cli/cli.ts';
import { FaultyProxy } from '../../../testing/faulty-proxy.ts';
import { insist } from '../../../testing/insist.ts';
import { TestDatabase } from '../../../testing/postgres.ts';
import { put, TempFolder } from '../../../testing/temp-store.ts';
import { useAll } from '../../../testing/use-all.ts';
import type { Store } from '../../domain/ports.ts';
import { sqlStore } from '../sql-store.ts';
import { PostgresEngine } from './engine.ts';

const cleanups: (() => unknown)[] = [];
let database: TestDatabase;
let proxy: FaultyProxy;
let url: string;
beforeEach(async () => {
  database = await TestDatabase.createEmpty();
  cleanups.push(() => database.drop());
  const through = new URL(database.url);
  proxy = await FaultyProxy.to(Number(through.port));
  cleanups.push(() => proxy.close());
  through.port = String(proxy.port);
  url = through.href;
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function opened(query = ''): Promise<Store> {
  const store = sqlStore(new PostgresEngine(url + query));
  cleanups.push(() => store.close());
  await store.open();
  return store;
}

/** Ends all connections of the database from the server's side. */
const terminate = () =>
  database.onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'
    and application_name = 'tidings'`);

const faults: { name: string; happen: () => unknown }[] = [
  { name: 'closed by what stands between', happen: () => proxy.cut() },
  { name: 'ended by the server', happen: () => terminate() },
];

describe.each(faults)('a connection that is $name', ({ happen }) => {
  test('at the start or at any point of a migration: a sentence, nothing is changed, and the next start works', async () => {
    const failures: string[] = [];
    const counts = new Set<unknown>();
    const tables = async () =>
      (await database.query("select count(*) as n from pg_tables where schemaname = 'public'"))[0]?.n;
    // Messages of a start: some of the connection, each statement, the first of the connection that commits.
    for (const count of [3, 4, 5, 6, 8, 12, 20, 40, 60]) {
      proxy.at(count, happen);
      const store = sqlStore(new PostgresEngine(url));
      await store.open().catch((error: Error) => failures.push(error.message));
      await store.close();
      counts.add(await tables());
    }
    expect(failures.length).toBeGreaterThan(2);
    for (const message of failures) expect(message).toMatch(sentence);
    proxy.at(Number.POSITIVE_INFINITY, () => {});
    await useAll(await opened());
    expect(['0', await tables()]).toEqual(expect.arrayContaining([...counts]));
  });

  test('in a commit: it is not known whether it was stored, and its key tells', async () => {
    const store = await opened();
    await store.commit([put()]);
    await database.query('begin; select * from sequence for update');
    const sent = put({ id: 'sent', key: { key: 'k', hash: 'h' } });
    const failure = store.commit([sent]).catch((error: Error) => error);
    const waiting = 'select count(*) as n from pg_locks where not granted';
    while ((await database.query(waiting))[0]?.n === '0');
    await happen();
    expect(await failure).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/same key$/) });
    await database.query('rollback');
    await insist(() => store.commit([{ ...sent, id: 'again' }]));
    expect(await database.query('select count(*) as n from records')).toEqual([{ n: '2' }]);
  });

  test('while nothing is asked: it is replaced, and nobody is told', async () => {
    const store = await opened();
    await store.commit([put()]);
    await happen();
    await insist(async () => {
      await store.probe();
      expect(store.health()).toEqual({ ok: true, reason: null });
    });
    expect(await insist(() => store.commit([put()]))).toMatchObject([{ status: 'stored' }]);
    expect(await insist(() => store.counts('1'))).toMatchObject({ unread: 2 });
  });
});

const sentence =
  /^the database tidings@127\.0\.0\.1:\d+\/t_\w+ cannot be opened: (the connection was closed \(|no PostgreSQL answers there \()/;

test('a server that never answers: a sentence at the start, and closing waits for nobody', async () => {
  const store = await opened();
  await store.commit([put()]);
  proxy.silence();
  await expect(opened('?connect_timeout=1')).rejects.toThrow(/no PostgreSQL answers there \(timeout expired\)/);
  await store.close();
});

test('`tidings serve` ends with one sentence and exit code 1 where a pooler closes its connection in mid-migration', async () => {
  const folder = new TempFolder();
  cleanups.push(() => folder.remove());
  proxy.at(30, () => proxy.cut());
  const secret = ['--jwt-secret', 'a-secret-of-more-than-thirty-two-bytes', '--api-key', 'key-of-the-back-end'];
  const server = new RunningCli(['serve', '--port', '0', '--database', url, ...secret], { folder: folder.path });
  expect(await server.ended).toBe(1);
  expect(server.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/cannot be opened: the connection was closed \(/),
  ]);
});

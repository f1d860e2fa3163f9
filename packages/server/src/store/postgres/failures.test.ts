import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { insist } from '../../../testing/insist.ts';
import { PostgresServer } from '../../../testing/postgres-server.ts';
import { put } from '../../../testing/temp-store.ts';
import { until } from '../../../testing/world.ts';
import type { Store } from '../../domain/ports.ts';
import { createTidings } from '../../server.ts';
import { sqlStore } from '../sql-store.ts';
import { step } from '../steps.ts';
import { PostgresEngine } from './engine.ts';

let server: PostgresServer;
let database: string;
let made = 0;
beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
beforeEach(async () => {
  database = `d${++made}`;
  await server.query('postgres', `create database ${database}`);
});
afterAll(() => server.remove());

async function opened(): Promise<Store> {
  const store = sqlStore(new PostgresEngine(server.url(database)));
  onTestFinished(() => store.close());
  await store.open();
  return store;
}

const failureOf = (commit: Promise<unknown>): Promise<{ code: string; message: string; retryable: boolean }> =>
  commit.then(
    () => expect.fail('it was stored'),
    (error) => error,
  );

/** Holds the lock that commits wait for, as another node's commit does; tells when one waits, and does something to it. */
async function holdingSequence() {
  const client = new pg.Client(server.url(database));
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('begin; select * from sequence for update');
  const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return {
    async toWhoWaits(run: 'pg_terminate_backend' | 'pg_cancel_backend') {
      while ((await client.query(`select ${run}(pid) from (${waiting}) x`)).rowCount === 0);
    },
    release: () => client.query('rollback'),
  };
}

test('a server that was restarted is used again by itself, and what it had acknowledged is there, in the same term', async () => {
  const store = await opened();
  const { term } = await store.head();
  await store.commit([put({ id: 'before', key: { key: 'k', hash: 'h' } })]);
  await server.stop();
  const failure = await failureOf(store.commit([put({ id: 'lost' })]));
  expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
  expect(failure.message).toMatch(/^nothing was stored: no PostgreSQL answers there \(ECONNREFUSED\)/);
  expect(store.health()).toMatchObject({ ok: false });
  await expect(store.head()).rejects.toMatchObject({ code: 'unavailable' });
  await store.probe();
  expect(store.health()).toMatchObject({ ok: false });
  await server.resume();
  await insist(async () => {
    await store.probe();
    if (!store.health().ok) throw new Error('still not well');
  });
  expect(await insist(() => store.commit([put({ id: 'after' })]))).toMatchObject([{ status: 'stored', rev: 2 }]);
  expect(await insist(() => store.head())).toMatchObject({ head: 2, term });
  expect(await store.commit([put({ key: { key: 'k', hash: 'h' } })])).toEqual([
    { status: 'duplicate', id: 'before', rev: 1 },
  ]);
});

test('a crash under load loses nothing that was acknowledged, and what was not is stored once when it is sent again', async () => {
  // This setting would acknowledge commits before they are on the disk.
  await server.query('postgres', `alter database ${database} set synchronous_commit = off`);
  const store = await opened();
  const acknowledged = new Map<string, number>();
  let isDone = false;
  const sender = async (name: string) => {
    for (let n = 0; !isDone; n++) {
      const key = `${name}-${n}`;
      const send = () => store.commit([put({ id: `${key}-${Math.random()}`, key: { key, hash: 'h' } })]);
      const [outcome] = await insist(send);
      acknowledged.set(key, (outcome as { rev: number }).rev);
    }
  };
  const senders = ['a', 'b', 'c'].map(sender);
  for (let n = 1; n <= 3; n++) {
    await until(() => acknowledged.size > n * 50);
    await server.crash();
    await server.resume();
  }
  isDone = true;
  await Promise.all(senders);
  const rows = await server.query(database, 'select key, rev from idempotency order by rev');
  expect(new Map(rows.map(({ key, rev }) => [key, Number(rev)]))).toEqual(
    new Map([...acknowledged].sort(([, a], [, b]) => a - b)),
  );
  expect(await server.query(database, 'select count(*) as n, max(rev) as last from records')).toEqual([
    { n: String(acknowledged.size), last: String(acknowledged.size) },
  ]);
}, 60_000);

test('a connection that is lost in a commit leaves its outcome unknown, and its key tells', async () => {
  const store = await opened();
  await store.commit([put()]);
  const holder = await holdingSequence();
  const sent = put({ id: 'sent', key: { key: 'k', hash: 'h' } });
  const [failure] = await Promise.all([failureOf(store.commit([sent])), holder.toWhoWaits('pg_terminate_backend')]);
  expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
  expect(failure.message).toMatch(/not known whether it was stored; send it again with the same key$/);
  await holder.release();
  expect(await insist(() => store.commit([{ ...sent, id: 'again' }]))).toMatchObject([{ status: 'stored', rev: 2 }]);
});

test('a statement that is told to stop leaves its outcome unknown, too', async () => {
  const store = await opened();
  await store.commit([put()]);
  const holder = await holdingSequence();
  const [failure] = await Promise.all([failureOf(store.commit([put()])), holder.toWhoWaits('pg_cancel_backend')]);
  expect(failure.message).toMatch(/not known whether it was stored/);
  await holder.release();
  expect(await store.commit([put()])).toMatchObject([{ status: 'stored', rev: 2 }]);
});

test.each([
  ['53100', 'storage_full', /^the disk that holds the database is full; free some space, then send this again$/],
  ['55P03', 'unavailable', /^nothing was stored: PostgreSQL cannot write now \(55P03\); send it again$/],
  ['40001', 'unavailable', /^nothing was stored: PostgreSQL cannot write now/],
  ['25006', 'unavailable', /^nothing was stored: PostgreSQL cannot write now/],
  [
    'XX000',
    'unavailable',
    /^nothing was stored: the database refused it \(XX000\); the server's log says why; send it again later$/,
  ],
])('a commit that the server undoes with %s is answered as %s, and the next goes on', async (state, code, message) => {
  const store = await opened();
  await server.query(
    database,
    `create function fail() returns trigger language plpgsql as
       $$ begin raise exception 'as the test wants' using errcode = '${state}'; end $$;
     create trigger fail before update on sequence for each row execute function fail()`,
  );
  expect(await failureOf(store.commit([put({ id: 'a' })]))).toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  await server.query(database, 'drop trigger fail on sequence');
  expect(await store.record('a')).toBeNull();
  expect(await store.commit([put({ id: 'a' })])).toMatchObject([{ status: 'stored', rev: 1 }]);
});

test('what is written beside commits is tried without being stored, and goes on', async () => {
  const engine = new PostgresEngine(server.url(database));
  onTestFinished(() => engine.close());
  await engine.open();
  const runner = step('addRunner', { name: 'r', until: 1_000 });
  await engine.rehearse({ steps: [runner] });
  expect(await engine.write([runner])).toHaveLength(1);
});

test('a database that is down is unavailable to what is written beside commits, and a server closes without it', async () => {
  const store = await opened();
  const tidings = await createTidings({ database: server.url(database) });
  tidings.tasks.define('job', () => 1);
  const { task_id } = await tidings.tasks.start('job', null);
  await expect.poll(async () => (await tidings.tasks.get(task_id)).status).toBe('completed');
  await server.stop();
  onTestFinished(() => server.resume());
  expect(await failureOf(store.addRunner('r', 1_000))).toMatchObject({ code: 'unavailable', retryable: true });
  await tidings.close();
});

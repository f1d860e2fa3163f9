import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { put } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';
import type { OutboxItem } from '../../domain/store/outbox.ts';
import { sqlStore } from '../sql-store.ts';
import { PostgresEngine } from './engine.ts';

/** The number that the slow taker waits for, see `holdTakers`. */
const hold = 815;
const lease = 10_000;

let database: TestDatabase;
let application: pg.Client;
let now: number;
const stores: Store[] = [];

beforeEach(async () => {
  now = 1_000_000;
  database = await TestDatabase.create();
  application = new pg.Client({ connectionString: database.url, statement_timeout: 3_000 });
  await application.connect();
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await application.end();
  await database.drop();
});

async function node(name = 'quick'): Promise<Store> {
  const store = sqlStore(new PostgresEngine(`${database.url}?application_name=${name}`, () => now));
  await store.open();
  stores.push(store);
  return store;
}

/** Makes transactions of the node `slow` that have taken items wait, with that done, until this lock is free. */
async function holdTakers(): Promise<void> {
  await application.query(`
    create function wait_where_slow() returns trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'slow' then perform pg_advisory_xact_lock_shared(${hold}); end if;
      return null;
    end $$;
    create trigger slow after update on tidings_outbox execute function wait_where_slow()`);
  await application.query(`select pg_advisory_lock(${hold})`);
}

const release = () => application.query(`select pg_advisory_unlock(${hold})`);

/** The connections to this database: other tests use the same server. */
const ofDatabase = 'from pg_stat_activity where datname = current_database()';

/** Waits until so many transactions wait for a lock of any kind. */
const waiting = (n: number) =>
  expect
    .poll(async () => (await application.query(`select ${ofDatabase} and wait_event_type = 'Lock'`)).rowCount)
    .toBe(n);

const leave = (from: number, to: number) =>
  application.query(`insert into tidings_outbox (item) select to_json(n) from generate_series(${from}, ${to}) n`);

const ids = (items: readonly OutboxItem[]) => items.map(({ id }) => id);

/** Publishes an item as a node does: the commit that stores it deletes it from the outbox. */
const publish = (store: Store, ...outbox: number[]) =>
  store.commit(outbox.map((id) => put({ id: `n${id}`, key: { key: `row:${id}`, hash: 'h', outbox: id } })));

test('while a slow node takes items no other takes any behind them', async () => {
  const [slow, quick] = [await node('slow'), await node()];
  await leave(1, 4);
  await holdTakers();
  const first = slow.takeOutbox(2, lease);
  await waiting(1);
  const second = quick.takeOutbox(2, lease);
  await Promise.race([second, waiting(2)]);
  // Nothing of it is in the application's way.
  await leave(5, 6);
  await release();
  expect(ids(await first)).toEqual([1, 2]);
  expect(ids(await second)).toEqual([]);
  await publish(slow, 1, 2);
  expect(ids(await quick.takeOutbox(10, lease))).toEqual([3, 4, 5, 6]);
});

test('what a node leaves that dies in the middle comes next, before all that is newer', async () => {
  const [dying, other] = [await node('dying'), await node()];
  await leave(1, 4);
  expect(ids(await dying.takeOutbox(3, lease))).toEqual([1, 2, 3]);
  await publish(dying, 1);
  await dying.close();
  await leave(5, 5);
  expect(await other.takeOutbox(10, lease)).toEqual([]);
  now += lease;
  expect(ids(await other.takeOutbox(10, lease))).toEqual([2, 3, 4, 5]);
});

test('a refused item that is mended is taken at the next look, and what is newer with it', async () => {
  const store = await node();
  await leave(1, 2);
  expect(ids(await store.takeOutbox(10, lease))).toEqual([1, 2]);
  await store.refuseOutbox(1, 'title must be string; got 7');
  await publish(store, 2);
  await leave(3, 3);
  await application.query("update tidings_outbox set item = '1', error = null where error is not null");
  expect(ids(await store.takeOutbox(10, lease))).toEqual([1, 3]);
});

test('of large items fewer are taken at a time, and one at least', async () => {
  const store = await node();
  for (const size of [300_000, 300_000, 300_000, 900_000, 10]) {
    await application.query(`insert into tidings_outbox (item) select to_json(repeat('x', ${size}))`);
  }
  for (const taken of [[1, 2], [3, 4], [5], []]) {
    expect(ids(await store.takeOutbox(10, lease))).toEqual(taken);
    await publish(store, ...taken);
  }
});

test('a node that dies while it takes items leaves them to the next at once', async () => {
  const [slow, other] = [await node('slow'), await node()];
  await leave(1, 3);
  await holdTakers();
  const lost = slow.takeOutbox(2, lease).catch((error: Error) => error);
  await waiting(1);
  const taken = other.takeOutbox(2, lease);
  await Promise.race([taken, waiting(2)]);
  await database.query(
    `select pg_terminate_backend(pid) ${ofDatabase} and wait_event = 'advisory' and query ~ 'update'`,
  );
  expect(await lost).toBeInstanceOf(Error);
  expect(ids(await taken)).toEqual([1, 2]);
  await release();
});

test('where a node whose lease has ended is still publishing, nothing behind its items is taken', async () => {
  const other = await node();
  await leave(1, 4);
  const stale = new pg.Client(database.url);
  await stale.connect();
  try {
    // As its commit does it, which may be undone yet.
    await stale.query('begin; delete from tidings_outbox where id = 2');
    expect(ids(await other.takeOutbox(10, lease))).toEqual([1]);
    await publish(other, 1);
    await stale.query('rollback');
    expect(ids(await other.takeOutbox(10, lease))).toEqual([2, 3, 4]);
  } finally {
    await stale.end();
  }
});

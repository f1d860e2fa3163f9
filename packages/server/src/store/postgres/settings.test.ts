import { afterEach, describe, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { useAll } from '../../../testing/use-all.ts';
import type { Store } from '../../domain/ports.ts';
import { sqlStore } from '../sql-store.ts';
import { PostgresEngine } from './engine.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await TestDatabase.createEmpty();
  cleanups.push(() => database.drop());
  return database;
}

async function opened(url: string): Promise<Store> {
  const store = sqlStore(new PostgresEngine(url));
  cleanups.push(() => store.close());
  await store.open();
  return store;
}

describe('a database works whatever it has by default', () => {
  test.each([
    'default_transaction_read_only = on',
    "default_transaction_isolation = 'serializable'",
    'standard_conforming_strings = off',
    'statement_timeout = 200',
    'lock_timeout = 200',
    'synchronous_commit = off',
    'plan_cache_mode = force_custom_plan',
    "client_encoding = 'LATIN1'",
    "datestyle = 'German'",
    "search_path = 'elsewhere'",
    'client_min_messages = debug1',
  ])('%s', async (setting) => {
    const database = await emptyDatabase();
    await database.query('create schema elsewhere');
    await database.query(`alter database ${database.name} set ${setting}`);
    await useAll(await opened(database.url));
  });
});

test('two servers have each a schema of one database, and never hear of one another', async () => {
  const database = await emptyDatabase();
  await database.query('create schema one; create schema other');
  const urls = ['one', 'other'].map((name) => `${database.url}?options=-csearch_path%3D${name}`);
  const [one, other] = (await Promise.all(urls.map(opened))) as [Store, Store];
  await useAll(one);
  expect(await other.head()).toMatchObject({ head: 0 });
  await useAll(other);
  expect((await one.head()).term).not.toBe((await other.head()).term);
  expect(await database.query("select count(*) as n from pg_tables where schemaname = 'public'")).toEqual([{ n: '0' }]);
});

test('a second server finds its own schema, where the first has the one that follows in the search path', async () => {
  const database = await emptyDatabase();
  await useAll(await opened(database.url));
  await database.query('create schema mine');
  await useAll(await opened(`${database.url}?options=-csearch_path%3Dmine,public`));
  const rows = await database.query(
    "select nspname from pg_proc p join pg_namespace n on n.oid = pronamespace where proname = 'tidings_apply' order by 1",
  );
  expect(rows).toEqual([{ nspname: 'mine' }, { nspname: 'public' }]);
});

test.each([
  [
    'a table of another application',
    'create table users (id int)',
    '',
    /table of that name there \(relation "users" already exists\); give Tidings a schema of its own: create schema/,
  ],
  [
    'the migrations of another application',
    "create table kysely_migration (name text, timestamp text); insert into kysely_migration values ('theirs', '1')",
    '',
    /holds the tables of another application \(kysely_migration\); name another one/,
  ],
  [
    'a search path with no schema',
    '',
    '?options=-csearch_path%3Dnowhere',
    /has no schema of the search_path nowhere that this user may use; create one: create schema NAME$/,
  ],
])('%s is told in a sentence, and nothing is changed', async (_name, statements, query, sentence) => {
  const database = await emptyDatabase();
  if (statements) await database.query(statements);
  const tables = "select schemaname, tablename from pg_tables where schemaname !~ '^pg_|^information'";
  const before = await database.query(tables);
  const store = sqlStore(new PostgresEngine(database.url + query));
  cleanups.push(() => store.close());
  await expect(store.open()).rejects.toThrow(sentence);
  expect(await database.query(tables)).toEqual(before);
});

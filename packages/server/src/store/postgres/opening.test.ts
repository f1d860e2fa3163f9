import { afterEach, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { put } from '../../../testing/temp-store.ts';
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

function storeAt(url: string): Store {
  const store = sqlStore(new PostgresEngine(url));
  cleanups.push(() => store.close());
  return store;
}

/** Opens it, does something, and closes it again. */
async function during<T>(url: string, run: (store: Store, term: string) => Promise<T>): Promise<T> {
  const store = sqlStore(new PostgresEngine(url));
  const { term } = await store.open();
  try {
    return await run(store, term);
  } finally {
    await store.close();
  }
}

const refusal = (url: string): Promise<Error> =>
  storeAt(url)
    .open()
    .then(
      () => expect.fail('it was opened'),
      (error: Error) => error,
    );

test.each([
  ['a wrong password', (url: URL) => (url.password = 'hush'), /does not let this user in .*check user and password/],
  ['an unknown database', (url: URL) => (url.pathname = '/nowhere'), /does not exist; create it: createdb nowhere$/],
  ['a closed port', (url: URL) => (url.port = '1'), /no PostgreSQL answers there \(ECONNREFUSED\); check that it runs/],
  ['an unknown host', (url: URL) => (url.hostname = 'nowhere.invalid'), /its host is not known; check the name$/],
])('%s is told in a sentence that keeps the password', async (_name, change, sentence) => {
  const url = new URL((await emptyDatabase()).url);
  change(url);
  const { message } = await refusal(url.href);
  expect(message).toMatch(/^the database tidings@[^ ]+ cannot be opened: /);
  expect(message).toMatch(sentence);
  expect(message).not.toContain(url.password);
});

test('a user who may make no tables is told so, and one who may needs no more rights than that', async () => {
  const database = await emptyDatabase();
  const role = `role_${database.name}`;
  await database.onServer(`create role ${role} login password 'p'`);
  cleanups.push(() => database.onServer(`drop role ${role}`));
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'p'];
  await database.query('revoke create on schema public from public');
  expect((await refusal(url.href)).message).toMatch(/may not make tables there .*grant usage, create on schema public/);
  await database.query(`grant usage, create on schema public to ${role}`);
  const terms = [await during(url.href, async (_, term) => term), await during(url.href, async (_, term) => term)];
  expect(terms[0]).toBe(terms[1]);
  await database.query(`drop owned by ${role}`);
});

test('a database of a newer version is refused untouched', async () => {
  const database = await emptyDatabase();
  await during(database.url, (store) => store.commit([put()]));
  await database.query("insert into kysely_migration (name, timestamp) values ('0099-later', '2030')");
  expect((await refusal(database.url)).message).toMatch(/written by a newer Tidings .*0099-later.*upgrade/);
  expect(await database.query('select count(*) as n from terms')).toEqual([{ n: '1' }]);
});

test('a database of another encoding is refused with a sentence', async () => {
  const database = await emptyDatabase();
  const name = `${database.name}_latin`;
  await database.onServer(`create database ${name} encoding 'LATIN1' template template0`);
  cleanups.push(() => database.onServer(`drop database ${name} with (force)`));
  expect((await refusal(`${database.url}_latin`)).message).toMatch(/has the encoding LATIN1; make one with UTF8/);
});

test('a term goes on over restarts, and another begins in a copy of the database or where rows were restored', async () => {
  const database = await emptyDatabase();
  const first = await during(database.url, async (store, term) => {
    await store.commit([put(), put()]);
    return term;
  });
  expect(await during(database.url, async (_, term) => term)).toBe(first);

  const copy = await database.copy();
  cleanups.push(() => copy.drop());
  await during(copy.url, async (store, term) => {
    expect(term).not.toBe(first);
    expect(await store.head()).toMatchObject({ head: 2, termFrom: 3 });
  });

  // As a dump does that is read back into the same database.
  await database.query('create temp table kept as table history; delete from history; insert into history table kept');
  await during(database.url, async (store, term) => {
    expect(term).not.toBe(first);
    expect(await store.head()).toMatchObject({ head: 2, termFrom: 3 });
  });
});

test('a running node begins another term when the sequence was put back below what it has seen', async () => {
  const database = await emptyDatabase();
  const store = storeAt(database.url);
  const { term } = await store.open();
  await store.commit([put({ id: 'kept' }), put({ id: 'lost' })]);
  await database.query(
    'delete from record_topics where rev = 2; delete from records where rev = 2; update sequence set head = 1',
  );
  await expect(store.commit([put()])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^nothing was stored, since the database was put back to an earlier state/),
  });
  const batches: { term: string; from: number }[] = [];
  store.onBatch((batch) => batches.push(batch));
  expect(await store.commit([put()])).toMatchObject([{ status: 'stored', rev: 2 }]);
  expect(await store.head()).toMatchObject({ head: 2, termFrom: 2, term: batches[0]?.term });
  expect(batches[0]?.term).not.toBe(term);
});

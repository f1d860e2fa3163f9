import { copyFileSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Kysely, type LogConfig, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FirstVersion } from '../../../testing/first-version.ts';
import { put, sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { migrations } from '../migrate.ts';
import { migrateDatabase, openDatabase, prepareDatabase } from './open.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder.remove());

/** Copies a file as it is at this moment for every other process: as it is found after the one that writes it was killed. */
function copyLive(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    // To copy it in this process gives up the locks on it, which nobody else wants.
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  }
}

/** Everything that is in a database, but for when it was migrated. */
function contentOf(database: Database.Database): string {
  const tables = database.prepare("select name, sql from sqlite_master where type = 'table' order by name").all();
  const indexes = database.prepare("select name, sql from sqlite_master where type = 'index' order by name").all();
  // A line for each row, as values: the tables' texts name the columns.
  const rows = (tables as { name: string }[]).flatMap(({ name }) => [
    name,
    ...database
      .prepare(name === 'kysely_migration' ? `select name from ${name} order by name` : `select * from ${name}`)
      .raw()
      .all(),
  ]);
  return [...tables, ...indexes, ...rows].map((one) => JSON.stringify(one)).join('\n');
}

async function oldDatabase(path: string): Promise<void> {
  const old = await FirstVersion.make(path);
  // More than are looked at in one statement.
  for (let n = 0; n < 501; n++) {
    const frame = { title: `Title ${n}`, category: n % 2 ? 'odd' : '', expires_at: '2030-01-01T00:00:00.000Z' };
    old.put({ id: `n${n}`, topics: ['user:1', 'everyone'], frame });
  }
  old.readAll('1', 20);
  old.read('1', 'n50', 51);
  old.close();
}

/** Makes the schema of a version, with something in it. */
const versions: Record<string, (path: string) => Promise<void>> = {
  'an empty file': async () => {},
  '0001-records': oldDatabase,
  ...Object.fromEntries(
    Object.keys(migrations)
      .slice(1, -1)
      .map((version) => [
        version,
        async (path: string) => {
          await oldDatabase(path);
          const database = openDatabase(path);
          await migrateInSteps(database, version);
          database.close();
        },
      ]),
  ),
};

/** Migrates up to a version, each statement by itself. */
async function migrateInSteps(database: Database.Database, version: string, log?: LogConfig) {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }), log });
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateTo(version);
  if (error) throw error;
}

/** The ways to run a migration: as now, and, up to the second migration, as at first. */
const ways: Record<string, typeof migrateDatabase> = {
  'in one transaction': migrateDatabase,
  'statement by statement': async (database, log) => {
    await migrateInSteps(database, '0002-inbox', log);
    await migrateDatabase(database);
  },
};

const cases = Object.entries(versions).flatMap(([version, make]) =>
  Object.entries(ways)
    .filter(([way]) => way === 'in one transaction' || version < '0002' || version === 'an empty file')
    .map(([way, run]) => ({ version, make, way, run })),
);

describe('a migration that is killed after any of its statements', () => {
  test.each(cases)('from $version, $way, is done by the next that opens the file', async ({ make, way, run }) => {
    await make(folder.file('old.db'));
    if (existsSync(folder.file('old.db'))) copyLive(folder.file('old.db'), folder.file('whole.db'));
    const whole = await prepareDatabase(folder.file('whole.db'));
    const expected = contentOf(whole);
    whole.close();

    const migrating = openDatabase(folder.file('old.db'));
    const before = contentOf(migrating);
    const killed: string[] = [];
    await run(migrating, ({ query }) => {
      if (/^\s*(select|with|pragma)/i.test(query.sql)) return;
      const copy = folder.file(`killed-${killed.length}.db`);
      copyLive(folder.file('old.db'), copy);
      killed.push(copy);
    });
    expect(contentOf(migrating)).toBe(expected);
    migrating.close();

    expect(killed.length).toBeGreaterThan(0);
    for (const path of killed) {
      if (way === 'in one transaction') {
        const found = new Database(path);
        expect(contentOf(found)).toBe(before);
        found.close();
      }
      const database = await prepareDatabase(path);
      expect(contentOf(database)).toBe(expected);
      database.close();
    }
  });
});

test('what an older version wrote into a file whose migration was cut off is counted and found', async () => {
  const old = await FirstVersion.make(folder.file());
  old.put({ id: 'a', topics: ['user:1'], frame: { title: 'First' } });
  old.close();
  const cut = openDatabase(folder.file());
  await migrateInSteps(cut, '0002-inbox');
  cut.exec(`delete from kysely_migration where name > '0001-records'`);
  // As the first version stores a notification.
  cut.exec(`
    insert into records (rev, id, kind, topics, body, at) select 2, 'b', kind, topics, replace(body, 'First', 'Second'), at from records;
    insert into record_topics (topic, rev, record_id, alert_rev) values ('user:1', 2, 'b', 2);
    update sequence set head = 2`);
  cut.close();
  const store = sqliteStore(folder.file());
  await store.open();
  expect(await store.counts('1')).toMatchObject({ unread: 2 });
  await store.commit([put({ id: 'c' })]);
  const query = { userId: '1', topics: ['user:1'], before: null, limit: 10, view: 'inbox' as const, unread: null };
  const found = await store.inbox({ ...query, category: null, type: null, since: null, until: null, text: 'second' });
  expect(found.items.map(({ id }) => id)).toEqual(['b']);
  await store.close();
});

test('a file with the tables of another application is refused with a sentence, and keeps them', async () => {
  const other = new Database(folder.file());
  other.exec("create table users (id integer primary key, username text); insert into users values (1, 'ann')");
  const before = contentOf(other);
  other.close();
  await expect(sqliteStore(folder.file()).open()).rejects.toThrow(
    /holds the tables of another application \(users\); name another one as database \(--database\)/,
  );
  const after = new Database(folder.file());
  expect(contentOf(after)).toBe(before);
  after.exec(`drop table users; create table kysely_migration (name text, timestamp text);
    insert into kysely_migration values ('2024-theirs', '2024')`);
  after.close();
  await expect(sqliteStore(folder.file()).open()).rejects.toThrow(/another application \(kysely_migration\)/);
});

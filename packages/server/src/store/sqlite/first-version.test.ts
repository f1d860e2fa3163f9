import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { expect, test } from 'vitest';
import { Clockwork } from '../../domain/inbox/clockwork.ts';
import { StorePerson } from '../../testing/store-person.ts';
import { put, rights, sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import * as records from '../migrations/0001-records.ts';

interface Old {
  id: string;
  topics: string[];
  frame?: object;
  silent?: true;
  kind?: 'notification' | 'task';
  /** Whether it has another rev than when it asked, as after another recipient's name was bound. */
  hasMoved?: true;
}

/** A database as the first version left it. */
class FirstVersion {
  readonly #database: Database.Database;
  #head = 0;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  static async make(path: string): Promise<FirstVersion> {
    const database = new Database(path);
    const db = new Kysely({ dialect: new SqliteDialect({ database }) });
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ '0001-records': records }) } });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
    database.exec("begin; insert into terms (term, from_rev) values ('old', 1)");
    return new FirstVersion(database);
  }

  put({ id, topics, frame = {}, silent, kind = 'notification', hasMoved }: Old): void {
    const asked = ++this.#head;
    const rev = hasMoved ? ++this.#head : asked;
    const body = JSON.stringify({ type: 'user_notification', id, data: {}, ...(silent ? { silent } : {}), ...frame });
    this.#run(
      'insert into records (rev, id, kind, topics, body, at) values (?, ?, ?, ?, ?, ?)',
      ...[rev, id, kind, JSON.stringify(topics), body, 1_000 * rev],
    );
    const alert = silent || kind === 'task' ? 0 : asked;
    for (const topic of topics) {
      this.#run(
        'insert into record_topics (topic, rev, record_id, alert_rev) values (?, ?, ?, ?)',
        topic,
        rev,
        id,
        alert,
      );
    }
  }

  read(userId: string, id: string, readRev: number): void {
    const rev = ++this.#head;
    const columns = 'user_id, record_id, rev, seen_at, read_at, read_rev';
    this.#run(`insert into receipts (${columns}) values (?, ?, ?, ?, ?, ?)`, userId, id, rev, 5, 5, readRev);
  }

  readAll(userId: string, upTo: number): void {
    const columns = 'user_id, read_upto, read_upto_at, read_upto_rev';
    this.#run(`insert into users (${columns}) values (?, ?, ?, ?)`, userId, upTo, 5, ++this.#head);
  }

  close(): void {
    this.#run('update sequence set head = ?', this.#head);
    this.#database.exec('commit');
    this.#database.close();
  }

  #run(statement: string, ...params: unknown[]): void {
    this.#database.prepare(statement).run(...params);
  }
}

test('a database of the first version is counted, sorted and searched like one of this, and loses nothing', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  const old = await FirstVersion.make(folder.file());
  old.put({ id: 'before', topics: ['user:1'] });
  old.put({ id: 'also-before', topics: ['user:1'], frame: { category: 'jobs' } });
  old.readAll('1', 2);
  old.put({ id: 'read', topics: ['user:1'] });
  old.put({
    id: 'unread',
    topics: ['user:1', 'user:2'],
    frame: { title: 'Ärger', message: '100 %', category: 'jobs' },
  });
  old.put({ id: 'file', topics: ['user:1'], frame: { type: 'user_file', data: { file_name: 'Prüfung.PDF' } } });
  old.put({ id: 'silent', topics: ['user:1'], silent: true, frame: { title: 'Ärger' } });
  old.put({ id: 'all', topics: ['everyone'], frame: { category: 'news' } });
  old.put({ id: 'task', topics: ['user:1', 'task:task'], kind: 'task' });
  old.put({ id: 'over', topics: ['user:1'], frame: { expires_at: '2026-01-01T00:00:00.000Z' } });
  old.put({ id: 'moved', topics: ['user:1'], hasMoved: true });
  old.put({ id: 'odd', topics: ['user:1;'], frame: { category: 7 } });
  old.read('1', 'read', 4);
  old.close();

  let now = Date.parse('2025-01-01T00:00:00Z');
  const store = sqliteStore(folder.file(), () => now);
  await store.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  await store.commit([rights('1', []), rights('2', []), rights('1;', [])]);
  const ann = new StorePerson(store, '1');
  expect(await ann.list()).toEqual(['moved', 'over', 'all', 'file', 'unread', 'read', 'also-before', 'before']);
  expect(await ann.counts()).toEqual({ unread: 5, categories: { jobs: 1, news: 1 } });
  expect(await new StorePerson(store, '2').counts()).toEqual({ unread: 2, categories: { jobs: 1, news: 1 } });
  expect(await new StorePerson(store, '1;').unread()).toBe(2);
  expect(await ann.list({ text: 'ärger' })).toEqual(['unread']);
  expect(await ann.list({ text: 'prüfung.pdf', type: 'user_file' })).toEqual(['file']);
  expect(await ann.list({ category: 'jobs' })).toEqual(['unread', 'also-before']);
  expect(await ann.list({ since: 4_000, until: 8_001 })).toEqual(['all', 'file', 'unread', 'read']);

  await ann.mark('read', 'unread');
  await store.commit([put({ id: 'new', category: 'jobs' })]);
  expect(await ann.counts()).toEqual({ unread: 5, categories: { jobs: 1, news: 1 } });
  now = Date.parse('2026-02-01T00:00:00Z');
  await new Clockwork(store).run();
  expect(await ann.unread()).toBe(4);
  const cursor = { term: 'old', rev: 3 };
  const where = { userId: '1', topics: ann.topics, after: 3, cursor, limit: 100 };
  expect((await store.changesSince(where)).recovered).toBe(true);
});

test('a database of the first version with thousands of records is counted in every part', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  const old = await FirstVersion.make(folder.file());
  const many = 5_001;
  for (let n = 0; n < many; n++)
    old.put({ id: `n${n}`, topics: ['user:1'], frame: { category: n % 2 ? 'odd' : 'even' } });
  old.close();
  const store = sqliteStore(folder.file());
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  await store.open();
  const counts = await store.counts('1');
  expect(counts).toEqual({ unread: many, categories: { even: 2_501, odd: 2_500 }, asOf: many });
});

import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import * as records from '../src/store/migrations/0001-records.ts';

interface Old {
  id: string;
  topics: string[];
  frame?: object;
  silent?: true;
  kind?: 'notification' | 'task';
  /** True if it has another rev than when it asked, as after another recipient's name was bound. */
  hasMoved?: true;
}

/** A database as the first version left it. */
export class FirstVersion {
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

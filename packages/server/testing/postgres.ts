import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { askAt } from '../../../testing/door.ts';
import type { Store } from '../src/domain/ports.ts';
import { PostgresEngine } from '../src/store/postgres/engine.ts';
import { sqlStore } from '../src/store/sql-store.ts';
import { copyStatement, templateName } from './postgres-door.ts';

/** Databases that stores have had, as they were when they were made. */
const free: TestDatabase[] = [];
let emptying: Promise<string> | undefined;

/** A database on the server of this run, for one test. */
export class TestDatabase {
  readonly url: string;
  readonly name: string;
  readonly #server: string;
  readonly #connection: pg.Pool;

  private constructor(server: string, name: string) {
    this.#server = server;
    this.name = name;
    this.url = server + name;
    this.#connection = new pg.Pool({ connectionString: this.url, max: 1 });
    this.#connection.on('error', () => {}); // as when it is ended for a copy
  }

  /** Creates an empty database that has its tables already, in half the time of making them. */
  static create(): Promise<TestDatabase> {
    return TestDatabase.#createFrom(templateName);
  }

  /** The same for a store and nothing else, since a database of an earlier test will do, for a twentieth of the work. */
  static async borrow(): Promise<TestDatabase> {
    return free.pop() ?? TestDatabase.create();
  }

  /** Ends a loan, after the stores on it are closed. */
  async giveBack(): Promise<void> {
    emptying ??= untouched();
    await this.query(await emptying);
    free.push(this);
  }

  static createEmpty(): Promise<TestDatabase> {
    return TestDatabase.#createFrom('template1');
  }

  static async #createFrom(template: string): Promise<TestDatabase> {
    const database = new TestDatabase(await askAt(inject('postgresDoor')), `t_${randomBytes(8).toString('hex')}`);
    await database.onServer(copyStatement(database.name, template));
    return database;
  }

  /** The store on it, of one node of however many. */
  store(now: (() => number) | null = null): Store {
    return sqlStore(new PostgresEngine(this.url, now));
  }

  /** Runs statements in it as its owner, and gives the rows of the last that has any. */
  async query(statements: string): Promise<Record<string, unknown>[]> {
    const found = await this.#connection.query(statements);
    return [found].flat().findLast(({ rows }) => rows.length > 0)?.rows ?? [];
  }

  /** Another database with all that is in this one, as it is now. */
  async copy(): Promise<TestDatabase> {
    const copy = new TestDatabase(this.#server, `${this.name}_copy`);
    await this.onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${this.name}'`);
    await this.onServer(copyStatement(copy.name, this.name));
    return copy;
  }

  /** Runs a statement beside it. */
  async onServer(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: `${this.#server}postgres` });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async drop(): Promise<void> {
    await this.#connection.end();
    await this.onServer(`drop database ${this.name} with (force)`);
  }
}

/** Statements that make the rows of a database those that it was created with. */
async function untouched(): Promise<string> {
  const database = await TestDatabase.create();
  try {
    const tables = await database.query(
      "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
    );
    const statements = tables.map(async ({ name }) => {
      const [found] = await database.query(`select quote_literal(json_agg(t)) as rows from ${name} t`);
      const rows = `json_populate_recordset(null::${name}, ${found?.rows})`;
      return `delete from ${name};${found?.rows ? `insert into ${name} overriding system value select * from ${rows};` : ''}`;
    });
    const sequences = "select setval(format('%I', sequencename), start_value, false) from pg_sequences";
    return [...(await Promise.all(statements)), sequences].join('\n');
  } finally {
    await database.drop();
  }
}

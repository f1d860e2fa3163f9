import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { inject } from 'vitest';
import { PostgresEngine } from '../store/postgres/engine.ts';
import { SqlStore } from '../store/sql-store.ts';

/** An empty database on the server of this run, for one test. */
export class TestDatabase {
  readonly url: string;
  readonly name: string;
  readonly #server: string;

  private constructor(server: string, name: string) {
    this.#server = server;
    this.name = name;
    this.url = server + name;
  }

  static async create(): Promise<TestDatabase> {
    const server = await runServer();
    const database = new TestDatabase(server, `t_${randomBytes(8).toString('hex')}`);
    await database.#onServer(`create database ${database.name}`);
    return database;
  }

  store(now: (() => number) | null = null): SqlStore {
    return new SqlStore(new PostgresEngine(this.url, now));
  }

  /** Runs statements in it as its owner. */
  query(statements: string): Promise<Record<string, unknown>[]> {
    return run(this.url, statements);
  }

  async drop(): Promise<void> {
    await this.#onServer(`drop database ${this.name} with (force)`);
  }

  #onServer(statement: string): Promise<Record<string, unknown>[]> {
    return run(`${this.#server}postgres`, statement);
  }
}

/** The address of the run's server, without a database. */
async function runServer(): Promise<string> {
  const answer = await text(connect(inject('postgresDoor'), '127.0.0.1'));
  if (!answer.startsWith('postgres://')) throw new Error(answer);
  return answer;
}

async function run(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statements)).rows;
  } finally {
    await client.end();
  }
}

import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { startPostgres } from './postgres-server.ts';

/** One notification as a program without Tidings would keep it. */
interface RawRow {
  id: string;
  user_id: string;
  body: string;
  at: number;
}

/** A database that a measurement is made on: for Tidings an address, and beside it the bare loop of inserts. */
export interface Place {
  name: 'sqlite' | 'postgres';
  url: string;
  /** Inserts rows in one durable transaction. */
  insert(rows: readonly RawRow[]): Promise<void>;
  remove(): Promise<void>;
}

const table = 'create table raw (id text primary key, user_id text, body text, at bigint)';
const index = 'create index raw_by_user on raw (user_id, at)';

/** Both databases, each empty. PostgreSQL is the one that `--postgres` names, or one that is started for this. */
export async function openPlaces(folder: string, postgres: string | null): Promise<Place[]> {
  return [sqlitePlace(folder), await postgresPlace(folder, postgres)];
}

function sqlitePlace(folder: string): Place {
  const raw = new Database(join(folder, 'raw.db'));
  raw.pragma('journal_mode = wal');
  raw.pragma('synchronous = full');
  raw.exec(table);
  raw.exec(index);
  const insert = raw.prepare('insert into raw values (?, ?, ?, ?)');
  const insertAll = raw.transaction((rows: readonly RawRow[]) => {
    for (const { id, user_id, body, at } of rows) insert.run(id, user_id, body, at);
  });
  return {
    name: 'sqlite',
    url: `sqlite:${join(folder, 'tidings.db')}`,
    insert: async (rows) => insertAll(rows),
    async remove() {
      raw.close();
    },
  };
}

async function postgresPlace(folder: string, given: string | null): Promise<Place> {
  const server = given === null ? await startPostgres(`${folder}-postgres`) : { url: given, stop: async () => {} };
  const raw = new pg.Client(server.url);
  await raw.connect();
  await raw.query(`drop table if exists raw; ${table}; ${index}`);
  return {
    name: 'postgres',
    url: server.url,
    async insert(rows) {
      const values = rows.flatMap(({ id, user_id, body, at }) => [id, user_id, body, at]);
      const places = rows.map((_, i) => `($${4 * i + 1}, $${4 * i + 2}, $${4 * i + 3}, $${4 * i + 4})`);
      await raw.query({ name: `insert-${rows.length}`, text: `insert into raw values ${places}`, values });
    },
    async remove() {
      await raw.end();
      await server.stop();
    },
  };
}

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryFolder } from '../folders.ts';

/** A write as the store takes it; only what the measurements name. */
export type BenchWrite = { op: string } & Record<string, unknown>;
export type BenchOutcome = { status: string; id: string; rev: number };

/** The store of one checkout, without the server above it. */
export interface BenchStore {
  open(): Promise<unknown>;
  commit(writes: readonly BenchWrite[]): Promise<BenchOutcome[]>;
  close(): Promise<void>;
}

/** A checkout whose store is measured: this one, and another beside it. */
export interface Build {
  name: 'this' | 'other';
  storeAt(database: string): Promise<BenchStore>;
}

/** @param against the folder of another checkout, with its packages installed; null for none */
export const buildsOf = (against: string | null): Build[] => [
  { name: 'this', storeAt: (database) => storeOf(repositoryFolder, database) },
  ...(against === null ? [] : [{ name: 'other' as const, storeAt: (url: string) => storeOf(resolve(against), url) }]),
];

async function storeOf(folder: string, database: string): Promise<BenchStore> {
  const load = (path: string) => import(pathToFileURL(join(folder, 'packages/server/src/store', path)).href);
  const { sqlStore, SqlStore } = await load('sql-store.ts');
  const isPostgres = database.startsWith('postgres:');
  const engines = await load(isPostgres ? 'postgres/engine.ts' : 'sqlite/engine.ts');
  const engine = isPostgres ? new engines.PostgresEngine(database) : new engines.SqliteEngine(database);
  // Older checkouts have a class.
  return sqlStore ? sqlStore(engine) : new SqlStore(engine);
}

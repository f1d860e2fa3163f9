import type Database from 'better-sqlite3';
import { Kysely, type LogConfig, SqliteDialect } from 'kysely';
import { migrate } from '../migrate.ts';

/** Brings the schema of a file up to date, in the transaction that the caller has begun. */
export const migrateFile = (database: Database.Database, log: LogConfig): Promise<void> =>
  migrate(new Kysely({ dialect: new SqliteDialect({ database }), log }));

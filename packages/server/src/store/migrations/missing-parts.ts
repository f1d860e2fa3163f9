import type { ColumnBuilderCallback, ColumnDataType, CreateTableBuilder, Kysely } from 'kysely';
import { SqliteAdapter, sql } from 'kysely';

/**
 * The first two migrations of a SQLite file were not one transaction at first: a process that was killed in one left what it
 * had made, and no row that says so. So these make what is missing, and leave what is there. On PostgreSQL a migration
 * was always whole, and what is there is another application's, which is never taken for ours.
 */
export const isSqlite = (db: Kysely<unknown>): boolean => db.getExecutor().adapter instanceof SqliteAdapter;

export function createTable<Name extends string>(db: Kysely<unknown>, name: Name): CreateTableBuilder<Name> {
  const table = db.schema.createTable(name);
  return isSqlite(db) ? table.ifNotExists() : table;
}

/** @param on the table with its columns, in brackets, and a condition where it is partial */
export async function createIndex(
  db: Kysely<unknown>,
  name: string,
  on: string,
  kind: '' | 'unique' = '',
): Promise<void> {
  const ifMissing = isSqlite(db) ? 'if not exists' : '';
  await sql.raw(`create ${kind} index ${ifMissing} ${name} on ${on}`).execute(db);
}

export async function addColumn(
  db: Kysely<unknown>,
  table: string,
  name: string,
  type: ColumnDataType,
  build?: ColumnBuilderCallback,
): Promise<void> {
  if (isSqlite(db) && (await hasColumn(db, table, name))) return;
  await db.schema.alterTable(table).addColumn(name, type, build).execute();
}

async function hasColumn(db: Kysely<unknown>, table: string, name: string): Promise<boolean> {
  const { rows } = await sql`select 1 from pragma_table_info(${table}) where name = ${name}`.execute(db);
  return rows.length > 0;
}

import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** The incidents of all nodes, in the order in which they were first written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('incidents')
    .addColumn('ordinal', isSqlite(db) ? 'integer' : 'bigint', (c) => c.primaryKey().notNull())
    .addColumn('id', text, (c) => c.notNull().unique())
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('component', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reasons', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .execute();
}

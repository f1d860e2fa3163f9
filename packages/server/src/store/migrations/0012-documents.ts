import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** The updates of shared documents. The number of an update within its document is its key, so that two nodes cannot give out the same one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('document_updates')
    .addColumn('document', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('document_updates_key', ['document', 'seq'])
    .execute();
}

import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** Versions of shared documents, and of each deleted one its state vector, by which editors who still have it are recognized. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('document_versions')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('document', text, (c) => c.notNull())
    .addColumn('deletion', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('username', 'text')
    .addColumn('once', text)
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .execute();
  await sql`create index document_versions_of_document on document_versions (document, id)`.execute(db);
  await sql`create unique index document_versions_once on document_versions (document, once) where once is not null`.execute(
    db,
  );
  await db.schema
    .createTable('document_deletions')
    .addColumn('document', text, (c) => c.primaryKey().notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('vector', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}

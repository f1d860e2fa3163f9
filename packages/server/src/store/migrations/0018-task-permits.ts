import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** The tasks that run under a limit on their number. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('task_permits')
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('key', text, (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('token', text, (c) => c.notNull())
    .addColumn('runner', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('task_permits_of_kind', ['name', 'key', 'number'])
    .execute();
  await sql`create unique index task_permits_by_token on task_permits (token)`.execute(db);
}

import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** The logs of tasks, in blocks of entries. The number of a block's last entry is its key, so that two nodes cannot give out the same one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('task_log')
    .addColumn('task', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('first_seq', 'bigint', (c) => c.notNull())
    .addColumn('attempt', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('total', 'bigint', (c) => c.notNull())
    .addColumn('dropped', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('once', text)
    .addPrimaryKeyConstraint('task_log_key', ['task', 'seq'])
    .execute();
  await sql`create unique index task_log_once on task_log (task, once) where once is not null`.execute(db);
  await sql`create index task_log_dropped on task_log (task) where dropped = 1`.execute(db);
  await sql`create index task_log_at on task_log (at) where dropped = 0`.execute(db);
}

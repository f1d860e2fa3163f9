import { type Kysely, SqliteAdapter, sql } from 'kysely';
import { countWhatIsThere } from './first-version.ts';

/** What an inbox needs: categories, state, counts, audiences, what is due, and what is to be told elsewhere. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await records(db);
  await receipts(db);
  await people(db);
  await upkeep(db);
  // A database of the first version is always SQLite.
  if (db.getExecutor().adapter instanceof SqliteAdapter) await countWhatIsThere(db);
}

async function records(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const add = (name: string, type: 'text' | 'bigint') => schema.alterTable('records').addColumn(name, type).execute();
  await add('type', 'text');
  await add('search', 'text');
  await add('collapse', 'text');
  await add('due_at', 'bigint');
  await schema
    .alterTable('records')
    .addColumn('category', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  await schema
    .alterTable('records')
    .addColumn('alert_rev', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .alterTable('records')
    .addColumn('expired', 'smallint', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`create index records_due on records (due_at, id) where due_at is not null`.execute(db);
  await sql`create index records_by_collapse on records (collapse) where collapse is not null`.execute(db);
  await sql`create index records_retracted on records (at) where kind = 'retracted'`.execute(db);
  await schema
    .alterTable('record_topics')
    .addColumn('category', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  await schema
    .alterTable('record_topics')
    .addColumn('expired', 'smallint', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`create index topics_by_category on record_topics (topic, category, alert_rev) where category <> ''`.execute(
    db,
  );
}

async function receipts(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('receipts')
    .addColumn('alert_rev', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .alterTable('receipts')
    .addColumn('marked_unread', 'smallint', (c) => c.notNull().defaultTo(0))
    .execute();
  const asks = sql`create index receipts_asking on receipts (user_id, (marked_unread + alert_rev))
    where marked_unread + alert_rev > 0`;
  await asks.execute(db);
  const kept = sql`create index receipts_archived on receipts (user_id, archived_at) where archived_at is not null`;
  await kept.execute(db);
  const away = sql`create index receipts_snoozed on receipts (user_id, snoozed_until) where snoozed_until is not null`;
  await away.execute(db);
  await sql`create index receipts_due on receipts (snoozed_until) where snoozed_until is not null`.execute(db);
  await sql`create index receipts_by_record on receipts (record_id)`.execute(db);
}

async function people(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable('users').addColumn('roles', 'text').execute();
  await schema
    .alterTable('users')
    .addColumn('roles_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('audiences')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('left_rev', 'bigint')
    .addColumn('left_at', 'bigint')
    .addPrimaryKeyConstraint('audiences_pk', ['user_id', 'topic'])
    .execute();
  await schema.createIndex('audiences_by_rev').on('audiences').columns(['user_id', 'rev']).execute();
  await schema.createIndex('audiences_in_order').on('audiences').column('rev').execute();
  await schema
    .createTable('unread_counts')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('category', 'text', (c) => c.notNull())
    .addColumn('unread', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('unread_counts_pk', ['user_id', 'category'])
    .execute();
  await schema
    .createTable('marks')
    .addColumn('at', 'bigint', (c) => c.primaryKey())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .execute();
}

async function upkeep(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('callbacks')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('callbacks_due').on('callbacks').column('due_at').execute();
  await schema
    .createTable('revocations')
    .addColumn('ordinal', 'bigint', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}

import type { Kysely } from 'kysely';
import { countWhatIsThere } from './first-version.ts';
import { addColumn, createIndex, createTable, isSqlite } from './missing-parts.ts';

/** Tables of the inbox: categories, state, counts, audiences, due items, and deliveries. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await records(db);
  await receipts(db);
  await people(db);
  await upkeep(db);
  // A database of the first version is always SQLite.
  if (isSqlite(db)) await countWhatIsThere(db);
}

async function records(db: Kysely<unknown>): Promise<void> {
  await addColumn(db, 'records', 'type', 'text');
  await addColumn(db, 'records', 'search', 'text');
  await addColumn(db, 'records', 'collapse', 'text');
  await addColumn(db, 'records', 'due_at', 'bigint');
  await addColumn(db, 'records', 'category', 'text', (c) => c.notNull().defaultTo(''));
  await addColumn(db, 'records', 'alert_rev', 'bigint', (c) => c.notNull().defaultTo(0));
  await addColumn(db, 'records', 'expired', 'smallint', (c) => c.notNull().defaultTo(0));
  await createIndex(db, 'records_due', 'records (due_at, id) where due_at is not null');
  await createIndex(db, 'records_by_collapse', 'records (collapse) where collapse is not null');
  await createIndex(db, 'records_retracted', `records (at) where kind = 'retracted'`);
  await addColumn(db, 'record_topics', 'category', 'text', (c) => c.notNull().defaultTo(''));
  await addColumn(db, 'record_topics', 'expired', 'smallint', (c) => c.notNull().defaultTo(0));
  await createIndex(db, 'topics_by_category', `record_topics (topic, category, alert_rev) where category <> ''`);
}

async function receipts(db: Kysely<unknown>): Promise<void> {
  await addColumn(db, 'receipts', 'alert_rev', 'bigint', (c) => c.notNull().defaultTo(0));
  await addColumn(db, 'receipts', 'marked_unread', 'smallint', (c) => c.notNull().defaultTo(0));
  await createIndex(
    db,
    'receipts_asking',
    'receipts (user_id, (marked_unread + alert_rev)) where marked_unread + alert_rev > 0',
  );
  await createIndex(db, 'receipts_archived', 'receipts (user_id, archived_at) where archived_at is not null');
  await createIndex(db, 'receipts_snoozed', 'receipts (user_id, snoozed_until) where snoozed_until is not null');
  await createIndex(db, 'receipts_due', 'receipts (snoozed_until) where snoozed_until is not null');
  await createIndex(db, 'receipts_by_record', 'receipts (record_id)');
}

async function people(db: Kysely<unknown>): Promise<void> {
  await addColumn(db, 'users', 'roles', 'text');
  await addColumn(db, 'users', 'roles_at', 'bigint', (c) => c.notNull().defaultTo(0));
  await createTable(db, 'audiences')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('left_rev', 'bigint')
    .addColumn('left_at', 'bigint')
    .addPrimaryKeyConstraint('audiences_pk', ['user_id', 'topic'])
    .execute();
  await createIndex(db, 'audiences_by_rev', 'audiences (user_id, rev)');
  await createIndex(db, 'audiences_in_order', 'audiences (rev)');
  await createTable(db, 'unread_counts')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('category', 'text', (c) => c.notNull())
    .addColumn('unread', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('unread_counts_pk', ['user_id', 'category'])
    .execute();
  await createTable(db, 'marks')
    .addColumn('at', 'bigint', (c) => c.primaryKey())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .execute();
}

async function upkeep(db: Kysely<unknown>): Promise<void> {
  await createTable(db, 'callbacks')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await createIndex(db, 'callbacks_due', 'callbacks (due_at)');
  await createTable(db, 'revocations')
    .addColumn('ordinal', 'bigint', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}

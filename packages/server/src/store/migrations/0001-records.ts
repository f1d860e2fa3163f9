import { type Kysely, sql } from 'kysely';

/** Records, who hears them, and what users did with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sequence')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('head', 'bigint', (c) => c.notNull())
    .addColumn('floor', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into sequence (id, head, floor) values (1, 0, 0)`.execute(db);
  await db.schema
    .createTable('terms')
    .addColumn('ordinal', 'integer', (c) => c.primaryKey())
    .addColumn('term', 'text', (c) => c.notNull().unique())
    .addColumn('from_rev', 'bigint', (c) => c.notNull())
    .execute();
  await records(db);
  await people(db);
}

async function records(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('records')
    .addColumn('rev', 'integer', (c) => c.primaryKey())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('topics', 'text', (c) => c.notNull())
    .addColumn('audience', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('state', 'text')
    .addColumn('owner', 'text')
    .addColumn('status', 'text')
    .addColumn('external_id', 'text')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await sql`create index records_by_owner on records (owner, rev) where owner is not null`.execute(db);
  await sql`create index records_by_external_id on records (external_id) where external_id is not null`.execute(db);
  await sql`create index records_by_status on records (status, rev) where status is not null`.execute(db);
  await db.schema
    .createTable('record_topics')
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('alert_rev', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('record_topics_pk', ['topic', 'rev'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index topics_by_alert on record_topics (topic, alert_rev) where alert_rev > 0 and alert_rev < rev`.execute(
    db,
  );
  await db.schema
    .createTable('idempotency')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index idempotency_by_age on idempotency (at)`.execute(db);
}

async function people(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('receipts')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('rev', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint')
    .addColumn('read_at', 'bigint')
    .addColumn('read_rev', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('archived_at', 'bigint')
    .addColumn('snoozed_until', 'bigint')
    .addPrimaryKeyConstraint('receipts_pk', ['user_id', 'record_id'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await db.schema.createIndex('receipts_by_rev').on('receipts').columns(['user_id', 'rev']).execute();
  await db.schema.createIndex('receipts_in_order').on('receipts').column('rev').execute();
  await db.schema
    .createTable('users')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('username', 'text')
    .addColumn('read_upto', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('read_upto_at', 'bigint')
    .addColumn('read_upto_rev', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('delivered_upto', 'bigint', (c) => c.notNull().defaultTo(0))
    .modifyEnd(sql`without rowid`)
    .execute();
  await db.schema.createIndex('users_by_name').on('users').column('username').unique().execute();
  await sql`create index users_by_read_upto on users (read_upto_rev) where read_upto_rev > 0`.execute(db);
}

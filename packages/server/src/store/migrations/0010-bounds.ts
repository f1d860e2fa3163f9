import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** All that one user's inbox asks for is found by an index, however much there is of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Compared by its bytes, as all texts are since migration 3.
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema.alterTable('record_topics').addColumn('external_id', text).execute();
  await sql`update record_topics set external_id = (select r.external_id from records r where r.rev = record_topics.rev)
    where exists (select 1 from records r where r.rev = record_topics.rev and r.external_id is not null)`.execute(db);
  await sql`drop index records_by_external_id`.execute(db);
  await sql`create index topics_by_external_id on record_topics (topic, external_id, alert_rev)
    where external_id is not null and alert_rev > 0`.execute(db);

  await db.schema
    .createTable('topic_counts')
    .addColumn('topic', text, (c) => c.notNull())
    .addColumn('category', text, (c) => c.notNull())
    .addColumn('bucket', 'bigint', (c) => c.notNull())
    .addColumn('n', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('topic_counts_pk', ['topic', 'bucket', 'category'])
    .execute();
  await sql`insert into topic_counts (topic, category, bucket, n)
    select topic, category, alert_rev / 2048, count(*) from record_topics
    where (topic = 'everyone' or topic >= 'role:' and topic < 'role;') and alert_rev > 0 and expired = 0
    group by topic, category, alert_rev / 2048`.execute(db);

  await db.schema
    .alterTable('receipts')
    .addColumn('shared_rev', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`update receipts set shared_rev = coalesce((select r.alert_rev from records r where r.id = receipts.record_id
    and (r.topics like '%"everyone"%' or r.topics like '%"role:%')), 0)`.execute(db);
  await sql`create index receipts_shared on receipts (user_id, shared_rev) where shared_rev > 0`.execute(db);
  await sql`create index receipts_shared_asking on receipts (user_id)
    where shared_rev > 0 and marked_unread + alert_rev > 0`.execute(db);
  await sql`create index receipts_marked_unread on receipts (user_id, record_id) where marked_unread = 1`.execute(db);
}

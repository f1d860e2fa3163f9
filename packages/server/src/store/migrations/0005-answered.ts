import { type Kysely, sql } from 'kysely';

/** Counts answered notifications no more: they ask for nobody's attention, as those that have expired. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ user_id: string; category: string; n: number }>`
    select substr(t.topic, 6) as user_id, t.category, count(*) as n
    from records r join record_topics t on t.rev = r.rev
      left join users u on u.user_id = substr(t.topic, 6)
      left join receipts c on c.user_id = substr(t.topic, 6) and c.record_id = r.id
    where r.status = 'answered' and r.expired = 0 and t.topic >= 'user:' and t.topic < 'user;' and t.alert_rev > 0
      and c.archived_at is null and c.snoozed_until is null and (c.marked_unread = 1 or (
        (t.alert_rev > coalesce(u.read_upto, 0) or coalesce(c.alert_rev, 0) > coalesce(u.read_upto, 0))
        and (t.alert_rev > coalesce(c.read_rev, 0) or coalesce(c.alert_rev, 0) > coalesce(c.read_rev, 0))))
    group by 1, 2`.execute(db);
  for (const { user_id, category, n } of rows) {
    await sql`update unread_counts set unread = unread - ${n}
      where user_id = ${user_id} and category = ${category}`.execute(db);
  }
  await sql`update record_topics set expired = 1
    where rev in (select rev from records where status = 'answered' and expired = 0)`.execute(db);
  await sql`update records set expired = 1 where status = 'answered'`.execute(db);
}

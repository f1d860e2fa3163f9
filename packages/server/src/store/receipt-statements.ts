import { type Kysely, type RawBuilder, sql } from 'kysely';
import { largestFrame } from '../domain/frame-size.ts';
import type { ReceiptRow } from './receipt-frames.ts';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';

/** When a record last asked the user of a receipt for attention; who got a name later was asked later. */
const asked = sql.raw(`coalesce(
  (select o.alert_rev from record_topics o where o.topic = 'user:' || c.user_id and o.rev = r.rev), r.alert_rev)`);

/** Reads of receipts and watermarks. */
export function receiptStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  /** With what tells whether it is read; `bytes` is the size of the notification itself where it came back from a snooze since a rev, else 0. */
  const receipts = (returnedSince: RawBuilder<unknown> | Param<number>) => sql`
    select c.user_id, c.record_id, c.rev, c.seen_at, c.read_at, c.read_rev, c.archived_at, c.snoozed_until,
      c.alert_rev as asked_rev, c.marked_unread, ${asked} as alert_rev, r.rev as record_rev, u.read_upto, u.read_upto_at,
      case when c.alert_rev >= ${returnedSince} and c.archived_at is null and c.snoozed_until is null and (
        exists (select 1 from record_topics t where t.topic = 'user:' || c.user_id and t.rev = r.rev and t.alert_rev > 0)
        or exists (select 1 from audiences a join record_topics t on t.topic = a.topic and t.rev = r.rev
          where a.user_id = c.user_id and a.left_rev is null and t.alert_rev > a.since)) then octet_length(r.body) else 0 end as bytes
    from receipts c left join records r on r.id = c.record_id left join users u on u.user_id = c.user_id`;
  /** The notifications that came back, with their rows, until they fill the largest frame there is. */
  const withReturned = (rows: RawBuilder<unknown>) => sql<ReceiptRow>`
    select s.*, case when s.bytes > 0 and s.bytes_before <= ${sql.lit(largestFrame)}
      then (select b.body from records b where b.rev = s.record_rev) end as body
    from (select c.*, sum(c.bytes) over (order by c.rev rows unbounded preceding) - c.bytes as bytes_before from (${rows}) c) s
    order by s.rev`;
  return {
    forgetReceipts: statement({ recordId: text }, (p) => db.deleteFrom('receipts').where('record_id', '=', p.recordId)),
    /** The receipts of a user after a rev. */
    receiptsAfter: statement({ userId: text, after: number, limit: number }, (p) =>
      withReturned(
        sql`${receipts(sql.lit(1))} where c.user_id = ${p.userId} and c.rev > ${p.after} order by c.rev limit ${p.limit}`,
      ),
    ),
    /** The receipts of all users in the revs `from..to`. */
    receiptsRange: statement({ from: number, to: number, limit: number }, (p) =>
      withReturned(
        sql`${receipts(p.from)} where c.rev >= ${p.from} and c.rev <= ${p.to} order by c.rev limit ${p.limit}`,
      ),
    ),
    /** Users whose watermark moved in the revs `from..to`. */
    watermarksRange: statement({ from: number, to: number }, (p) =>
      db
        .selectFrom('users')
        .select(['user_id', 'read_upto', 'read_upto_rev', 'read_upto_at'])
        .where('read_upto_rev', '>', sql.lit(0))
        .where('read_upto_rev', '>=', p.from)
        .where('read_upto_rev', '<=', p.to),
    ),
    /** Snoozes that end; of those that end together the newest last, so that it is on top. */
    dueReceipts: statement({ now: number, limit: number }, (p) =>
      db
        .selectFrom('receipts')
        .select(['user_id', 'record_id'])
        .where('snoozed_until', '<=', p.now)
        .orderBy('snoozed_until')
        .orderBy('record_id')
        .limit(p.limit),
    ),
  };
}

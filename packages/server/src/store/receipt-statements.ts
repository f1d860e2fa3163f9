import { type Kysely, sql } from 'kysely';
import type { ReceiptRow } from './receipt-frames.ts';
import type { Schema } from './schema.ts';
import { number, numberOrNull, statementCompiler, text } from './statement.ts';

/** When a record last asked the user of a receipt for attention; who got a name later was asked later. */
const asked = sql.raw(`coalesce(
  (select o.alert_rev from record_topics o where o.topic = 'user:' || c.user_id and o.rev = r.rev), r.alert_rev)`);

/** What users did with notifications, and how far they have read. */
export function receiptStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  /** With the notification itself where it came back from a snooze, and what tells whether it is read. */
  const receipts = sql`
    select c.user_id, c.record_id, c.rev, c.seen_at, c.read_at, c.read_rev, c.archived_at, c.snoozed_until,
      c.alert_rev as asked_rev, c.marked_unread, ${asked} as alert_rev, r.rev as record_rev, u.read_upto, u.read_upto_at,
      case when c.alert_rev > 0 and c.archived_at is null and c.snoozed_until is null and (
        exists (select 1 from record_topics t where t.topic = 'user:' || c.user_id and t.rev = r.rev and t.alert_rev > 0)
        or exists (select 1 from audiences a join record_topics t on t.topic = a.topic and t.rev = r.rev
          where a.user_id = c.user_id and a.left_rev is null and t.alert_rev > a.since)) then r.body end as body
    from receipts c left join records r on r.id = c.record_id left join users u on u.user_id = c.user_id`;
  return {
    setReceipt: statement(
      {
        ...{ user_id: text, record_id: text, rev: number, seen_at: numberOrNull, read_at: numberOrNull },
        ...{ archived_at: numberOrNull, snoozed_until: numberOrNull, read_rev: number, alert_rev: number },
        ...{ marked_unread: number },
      },
      (p) =>
        db
          .insertInto('receipts')
          .values(p)
          .onConflict((c) =>
            c.columns(['user_id', 'record_id']).doUpdateSet((e) => ({
              ...{ rev: e.ref('excluded.rev'), seen_at: e.ref('excluded.seen_at'), read_at: e.ref('excluded.read_at') },
              ...{ archived_at: e.ref('excluded.archived_at'), snoozed_until: e.ref('excluded.snoozed_until') },
              ...{ read_rev: e.ref('excluded.read_rev'), alert_rev: e.ref('excluded.alert_rev') },
              marked_unread: e.ref('excluded.marked_unread'),
            })),
          ),
    ),
    receipt: statement({ userId: text, recordId: text }, (p) =>
      db.selectFrom('receipts').selectAll().where('user_id', '=', p.userId).where('record_id', '=', p.recordId),
    ),
    /** A notification that asks again is neither put away nor snoozed. */
    bringBack: statement({ recordId: text }, (p) =>
      db
        .updateTable('receipts')
        .set({ archived_at: sql`null`, snoozed_until: sql`null`, marked_unread: sql.lit(0) })
        .where('record_id', '=', p.recordId),
    ),
    endSnooze: statement({ userId: text, recordId: text }, (p) =>
      db
        .updateTable('receipts')
        .set({ snoozed_until: sql`null` })
        .where('user_id', '=', p.userId)
        .where('record_id', '=', p.recordId),
    ),
    forgetReceipts: statement({ recordId: text }, (p) => db.deleteFrom('receipts').where('record_id', '=', p.recordId)),
    /** What was marked as unread up to a rev is read with the rest; that changes its receipt. */
    unmark: statement(
      { rev: number, userId: text, upTo: number, limit: number },
      (
        p,
      ) => sql<never>`update receipts set marked_unread = 0, rev = ${p.rev} where user_id = ${p.userId} and record_id in (
        select c.record_id from receipts c join records r on r.id = c.record_id
        where c.user_id = ${p.userId} and c.marked_unread = 1 and ${asked} <= ${p.upTo} limit ${p.limit})`,
    ),
    /** What a user did past a rev. */
    receiptsAfter: statement(
      { userId: text, after: number, limit: number },
      (p) => sql<ReceiptRow>`${receipts} where c.user_id = ${p.userId} and c.rev > ${p.after}
      order by c.rev limit ${p.limit}`,
    ),
    /** What all users did in the revs `from..to`. */
    receiptsRange: statement(
      { from: number, to: number },
      (p) => sql<ReceiptRow>`${receipts} where c.rev >= ${p.from} and c.rev <= ${p.to} order by c.rev`,
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

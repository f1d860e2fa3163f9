import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** What is done in the background: what is due, what is to be posted, who is let in no more, what is forgotten. */
export function upkeepStatements(db: Kysely<Schema>) {
  return {
    /** now, limit: notifications to be released, or expired, soonest first */
    dueRecords: db
      .selectFrom('records')
      .select(['rev', 'id', 'kind', 'topics', 'audience', 'body', 'alert_rev', 'expired', 'state', 'status'])
      .select(['external_id', 'category', 'collapse', 'due_at', 'at'])
      .where('due_at', '<=', number)
      .orderBy('due_at')
      .orderBy('id')
      .limit(1)
      .compile().sql,
    /** now, limit: notifications whose snooze ends; of those that end together the newest last, so that it is on top */
    dueReceipts: db
      .selectFrom('receipts')
      .select(['user_id', 'record_id'])
      .where('snoozed_until', '<=', number)
      .orderBy('snoozed_until')
      .orderBy('record_id')
      .limit(1)
      .compile().sql,
    /** at: where the sequence stood at the newest mark up to then */
    markBefore: db
      .selectFrom('marks')
      .select(['at', 'rev'])
      .where('at', '<=', number)
      .orderBy('at', 'desc')
      .limit(sql.lit(1))
      .compile().sql,
    lastMark: db.selectFrom('marks').select(['at', 'rev']).orderBy('at', 'desc').limit(sql.lit(1)).compile().sql,
    /** at, rev */
    addMark: db
      .insertInto('marks')
      .values({ at: number, rev: number })
      .onConflict((c) => c.doNothing())
      .compile().sql,
    /** at */
    forgetMarks: db.deleteFrom('marks').where('at', '<', number).compile().sql,
    /** after, upTo, limit: notifications, and answers, that were last changed between two revs */
    notificationsBetween: db
      .selectFrom('records')
      .select(['rev', 'id', 'kind', 'topics', 'audience', 'body', 'alert_rev', 'expired', 'state', 'status'])
      .select(['external_id', 'category', 'collapse', 'due_at', 'at'])
      .where('kind', 'in', [sql.lit('notification'), sql.lit('answer')])
      .where('rev', '>', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .limit(1)
      .compile().sql,
    /** before, limit: retractions that are old enough to be forgotten */
    oldRetractions: db
      .selectFrom('records')
      .select(['rev', 'id', 'topics'])
      .where('kind', '=', sql.lit('retracted'))
      .where('at', '<', number)
      .orderBy('at')
      .limit(1)
      .compile().sql,
    /** floor, floor */
    raiseFloor: db.updateTable('sequence').set({ floor: number }).where('floor', '<', number).compile().sql,
    /** kind, value, reason, at */
    addRevocation: sql`insert into revocations (ordinal, kind, value, reason, at)
      select coalesce(max(ordinal), 0) + 1, ${text}, ${text}, ${text}, ${number} from revocations`.compile(db).sql,
    /** after */
    revocationsAfter: db
      .selectFrom('revocations')
      .selectAll()
      .where('ordinal', '>', number)
      .orderBy('ordinal')
      .compile().sql,
  };
}

import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** Who hears a record, and what an inbox is made of. */
export function topicStatements(db: Kysely<Schema>) {
  const joined = db
    .selectFrom('record_topics as t')
    .innerJoin('records as r', 'r.rev', 't.rev')
    .leftJoin('receipts as c', (j) => j.on('c.user_id', '=', text).onRef('c.record_id', '=', 't.record_id'))
    .select(['r.rev', 'r.id', 'r.kind', 'r.topics', 'r.audience', 'r.body', 't.alert_rev'])
    .select(['c.seen_at', 'c.read_at', 'c.read_rev', 'c.archived_at', 'c.snoozed_until']);
  /** Most records ask for attention once, when they are stored, and are found there; an index holds only the others. */
  const hasNotMoved = sql<boolean>`t.alert_rev = t.rev`;
  const hasMovedSince = sql<boolean>`t.alert_rev > 0 and t.alert_rev < t.rev`;
  const alerts = db
    .selectFrom('records as r')
    .innerJoin('record_topics as t', 't.rev', 'r.rev')
    .select(['r.id', 't.alert_rev']);
  const watermark = sql<number>`coalesce((select read_upto from users where user_id = ${text}), 0)`;
  const isUnread = sql<boolean>`(c.read_rev is null or c.read_rev < t.alert_rev)`;
  return {
    /** topic, rev, record_id, alert_rev */
    insertTopic: db
      .insertInto('record_topics')
      .values({ topic: text, rev: number, record_id: text, alert_rev: number })
      .compile().sql,
    /** topic, rev */
    deleteTopic: db.deleteFrom('record_topics').where('topic', '=', text).where('rev', '=', number).compile().sql,
    /** topic */
    revsOfTopic: db.selectFrom('record_topics').select(['rev']).where('topic', '=', text).orderBy('rev').compile().sql,
    /** id, topic: a topic's record, and the rev at which it last asked for attention */
    alertById: alerts.where('r.id', '=', text).where('t.topic', '=', text).compile().sql,
    /** external_id, topic: the same by the application's own id, newest first */
    alertByExternalId: alerts
      .where('r.external_id', '=', text)
      .where('t.topic', '=', text)
      .orderBy('r.rev', 'desc')
      .compile().sql,
    /** user_id, topic, after, limit: oldest first */
    topicAfter: joined.where('t.topic', '=', text).where('t.rev', '>', number).orderBy('t.rev').limit(1).compile().sql,
    /** user_id, topic, before, limit: newest first, of what asks for attention; what has changed since is in the other */
    inboxBefore: joined
      .where('t.topic', '=', text)
      .where('t.rev', '<', number)
      .where(hasNotMoved)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    inboxMovedBefore: joined
      .where('t.topic', '=', text)
      .where(hasMovedSince)
      .where('t.alert_rev', '<', number)
      .orderBy('t.alert_rev', 'desc')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, limit: oldest first, of what was written to no session of the user */
    undelivered: joined
      .where('t.topic', '=', text)
      .where('t.rev', '>', sql<number>`coalesce((select delivered_upto from users where user_id = ${text}), 0)`)
      .orderBy('t.rev')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, limit: newest first; what has changed since it asked is in the other */
    unreadNewest: joined
      .where('t.topic', '=', text)
      .where('t.rev', '>', watermark)
      .where(hasNotMoved)
      .where(isUnread)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    unreadMovedNewest: joined
      .where('t.topic', '=', text)
      .where(hasMovedSince)
      .where('t.alert_rev', '>', watermark)
      .where(isUnread)
      .orderBy('t.alert_rev', 'desc')
      .limit(1)
      .compile().sql,
    /** topic, limit: newest first */
    topicNewest: db
      .selectFrom('record_topics as t')
      .innerJoin('records as r', 'r.rev', 't.rev')
      .select(['r.rev', 'r.id', 'r.kind', 'r.topics', 'r.audience', 'r.body'])
      .where('t.topic', '=', text)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, user_id */
    unreadCount: db
      .selectFrom('record_topics as t')
      .leftJoin('receipts as c', (j) => j.on('c.user_id', '=', text).onRef('c.record_id', '=', 't.record_id'))
      .select(sql<number>`count(*)`.as('n'))
      .where('t.topic', '=', text)
      .where('t.rev', '>', watermark)
      .where('t.alert_rev', '>', watermark)
      .where(isUnread)
      .compile().sql,
  };
}

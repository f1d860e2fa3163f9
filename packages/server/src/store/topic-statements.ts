import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/**
 * The rev past which a user sees what is on a topic: null, and so nothing, where the topic is shared and the user does not
 * hear it. Takes user_id, topic, and what holds without an audience record: 0 on a topic of the user's own, null on a shared one.
 */
export const since = (): RawBuilder<number> => sql<number>`coalesce(
  (select a.since from audiences a where a.user_id = ${text} and a.topic = ${text} and a.left_rev is null),
  cast(${number} as bigint))`;

/** A record with this user's receipt. */
export const personalColumns = sql.raw(`r.rev, r.id, r.kind, r.topics, r.audience, r.body, t.alert_rev, t.expired,
  c.seen_at, c.read_at, c.read_rev, c.archived_at, c.snoozed_until, c.alert_rev as asked_rev, c.marked_unread`);

/** Takes user_id, user_id. */
export const joins = (): RawBuilder<unknown> => sql`
  join records r on r.rev = t.rev
  left join users u on u.user_id = ${text}
  left join receipts c on c.user_id = ${text} and c.record_id = t.record_id`;

/** Neither put away nor to come back later. */
export const isKept = sql.raw('c.archived_at is null and c.snoozed_until is null');

/** Whether a receipt itself makes it ask: it came back from a snooze, or was marked as unread. Few do, and an index holds those. */
export const asks = sql.raw('c.marked_unread + c.alert_rev > 0');

/** Whether it asks for attention that it has not had. Takes nothing: reads t, c and u. */
export const isUnread = sql.raw(`(t.alert_rev > 0 and t.expired = 0 and (c.marked_unread = 1 or (
  (t.alert_rev > coalesce(u.read_upto, 0) or coalesce(c.alert_rev, 0) > coalesce(u.read_upto, 0))
  and (t.alert_rev > coalesce(c.read_rev, 0) or coalesce(c.alert_rev, 0) > coalesce(c.read_rev, 0)))))`);

/** Most records ask for attention once, when they are stored, and are found there; an index holds only the others. */
export const hasNotMoved = sql.raw('t.alert_rev = t.rev');
export const hasMoved = sql.raw('t.alert_rev > 0 and t.alert_rev < t.rev');

/** The topics of a record `r`, as rows `h.value`. */
const topicsOf = (db: Kysely<Schema>): RawBuilder<unknown> =>
  db.getExecutor().adapter instanceof SqliteAdapter
    ? sql`json_each(r.topics) h`
    : sql`json_array_elements_text(r.topics::json) h (value)`;

/** Who hears a record, and what of it is unread. */
export function topicStatements(db: Kysely<Schema>) {
  const compile = (query: RawBuilder<unknown>): string => query.compile(db).sql;
  const one = sql`select r.id, t.topic, t.alert_rev, t.expired, t.category from records r join record_topics t on t.rev = r.rev`;
  const newest = sql.raw(`order by t.alert_rev desc limit`);
  const fresh = (moved: typeof hasMoved, bound: RawBuilder<unknown>, order: string) => sql`
    select ${personalColumns} from record_topics t ${joins()}
    where t.topic = ${text} and ${bound} and ${moved} and ${isKept} and ${isUnread} and t.alert_rev > ${since()}
    order by ${sql.raw(order)} desc limit ${number}`;
  const readUpto = () => sql`coalesce((select w.read_upto from users w where w.user_id = ${text}), 0)`;
  /** Where what a user has neither read nor may not see begins on a shared topic; takes user_id, user_id. */
  const beginning = () => sql`(case when a.since > ${readUpto()} then a.since else ${readUpto()} end)`;
  return {
    /** topic, rev, record_id, alert_rev, category, expired */
    insertTopic: db
      .insertInto('record_topics')
      .values({ topic: text, rev: number, record_id: text, alert_rev: number, category: text, expired: number })
      .compile().sql,
    /** topic, rev */
    deleteTopic: db.deleteFrom('record_topics').where('topic', '=', text).where('rev', '=', number).compile().sql,
    /** topic: what last asked for attention first, though it may have changed since, comes first */
    revsOfTopic: compile(sql`select rev from record_topics where topic = ${text}
      order by case when alert_rev = 0 then rev else alert_rev end, rev`),
    /** topic, rev: how a record stands on a topic */
    topicAt: db
      .selectFrom('record_topics')
      .select(['topic', 'alert_rev', 'expired', 'category'])
      .where('topic', '=', text)
      .where('rev', '=', number)
      .compile().sql,
    /** id, topic, user_id, topic, open: a notification in a user's inbox */
    inboxRecord: compile(sql`${one} where r.id = ${text} and t.topic = ${text} and t.alert_rev > ${since()}`),
    /** external_id, topic, user_id, topic, open: the same by the application's own id, newest first */
    inboxRecordByExternalId: compile(
      sql`${one} where r.external_id = ${text} and t.topic = ${text} and t.alert_rev > ${since()} order by r.rev desc`,
    ),
    /** user_id, user_id, topic, after, user_id, topic, open, limit: oldest first */
    topicAfter: compile(sql`
      select ${personalColumns} from record_topics t ${joins()}
      where t.topic = ${text} and t.rev > ${number}
        and (case when t.alert_rev = 0 then t.rev else t.alert_rev end) > ${since()}
      order by t.rev limit ${number}`),
    /** user_id, user_id, topic, user_id, limit: oldest first, of what was written to no session of the user */
    undelivered: compile(sql`
      select ${personalColumns} from record_topics t ${joins()}
      where t.topic = ${text} and r.kind <> 'retracted'
        and t.rev > coalesce((select d.delivered_upto from users d where d.user_id = ${text}), 0)
      order by t.rev limit ${number}`),
    /** user_id, user_id, topic, user_id, user_id, topic, open, limit: newest first; what has changed since it asked is in the other */
    unreadNewest: compile(fresh(hasNotMoved, sql`t.rev > ${readUpto()}`, 't.rev')),
    unreadMovedNewest: compile(fresh(hasMoved, sql`t.alert_rev > ${readUpto()}`, 't.alert_rev')),
    /** topic, user_id, user_id, user_id, topic, open, limit: those that a receipt makes unread */
    unreadAsking: compile(sql`
      select ${personalColumns} from receipts c join records r on r.id = c.record_id
        join record_topics t on t.topic = ${text} and t.rev = r.rev left join users u on u.user_id = ${text}
      where c.user_id = ${text} and ${asks} and ${isKept} and ${isUnread}
        and t.alert_rev > ${since()}
      ${newest} ${number}`),
    /** topic, limit: newest first, of what is there */
    topicNewest: compile(sql`
      select r.rev, r.id, r.kind, r.topics, r.audience, r.body, t.alert_rev, t.expired
      from record_topics t join records r on r.rev = t.rev
      where t.topic = ${text} and r.kind <> 'retracted' order by t.rev desc limit ${number}`),
    /** user_id, user_id, topic, user_id, topic, open, limit: the newest of a topic as one user sees them */
    sharedNewest: compile(sql`
      select ${personalColumns} from record_topics t ${joins()}
      where t.topic = ${text} and t.alert_rev > ${since()} and ${isKept}
      order by t.rev desc limit ${number}`),
    /** user_id, user_id, topic, user_id, user_id: unread by category on a user's own topic, of what is above the watermark */
    ownAbove: compile(sql`
      select t.category, count(*) as n from record_topics t
        left join users u on u.user_id = ${text}
        left join receipts c on c.user_id = ${text} and c.record_id = t.record_id
      where t.topic = ${text} and t.rev > ${readUpto()} and t.alert_rev > ${readUpto()} and ${isKept} and ${isUnread}
      group by t.category`),
    /** topic, user_id, user_id: the same of what is not above it, as receipts have it */
    ownBelow: compile(sql`
      select t.category, count(*) as n from receipts c join records r on r.id = c.record_id
        join record_topics t on t.topic = ${text} and t.rev = r.rev left join users u on u.user_id = ${text}
      where c.user_id = ${text} and ${asks} and ${isKept} and ${isUnread} and t.alert_rev <= coalesce(u.read_upto, 0)
      group by t.category`),
    /** user_id five times: unread by category on the shared topics that a user hears, of what is above the watermark */
    sharedAbove: compile(sql`
      select t.category, count(*) as n from audiences a join record_topics t on t.topic = a.topic and t.rev > ${beginning()}
        left join users u on u.user_id = a.user_id
        left join receipts c on c.user_id = a.user_id and c.record_id = t.record_id
      where a.user_id = ${text} and a.left_rev is null and t.alert_rev > ${beginning()} and ${isKept} and ${isUnread}
      group by t.category`),
    /** user_id: the same of what is not above it, as receipts have it */
    sharedBelow: compile(sql`
      select t.category, count(*) as n from receipts c join records r on r.id = c.record_id
        join audiences a on a.user_id = c.user_id and a.left_rev is null
        join record_topics t on t.topic = a.topic and t.rev = r.rev left join users u on u.user_id = c.user_id
      where c.user_id = ${text} and ${asks} and ${isKept} and ${isUnread}
        and t.alert_rev <= coalesce(u.read_upto, 0) and t.alert_rev > a.since
      group by t.category`),
    /** from, to: when records of a range of revs asked for attention on topics where it was not when they last did on any */
    rangeAlerts: compile(sql`
      select r.rev, t.topic, t.alert_rev from records r cross join ${topicsOf(db)} join record_topics t on t.topic = h.value and t.rev = r.rev
      where r.rev >= ${number} and r.rev <= ${number} and r.topics like '%,%' and t.alert_rev < r.alert_rev order by r.rev`),
    /** topic: the next topic there is */
    nextTopic: compile(sql`select topic from record_topics where topic > ${text} order by topic limit 1`),
    /** topic, limit, offset: notifications that are not among the newest of a topic */
    beyond: compile(sql`
      select r.id from record_topics t join records r on r.rev = t.rev
      where t.topic = ${text} and t.alert_rev > 0 order by t.rev desc limit ${number} offset ${number}`),
  };
}

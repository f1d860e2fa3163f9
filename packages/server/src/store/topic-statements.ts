import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely';
import { userPrefix } from '../domain/topics.ts';
import type { PlainRow } from './plain-page.ts';
import { changeBytes, type ListedRow, type PersonalRow } from './record-rows.ts';
import type { Schema } from './schema.ts';
import { type NamedParams, number, numberOrNull, type Param, statementCompiler, text } from './statement.ts';
import { isKept, isUnreadSql as isUnread } from './unread-condition.ts';

/** Reads one topic for one user. */
export const topicParams = {
  userId: text,
  topic: text,
  /** The `membershipStart` of a user without a membership of the topic: see `defaultStartOf`. */
  defaultStart: numberOrNull,
};
type TopicParams = NamedParams<typeof topicParams>;

/** The rev past which a user sees what is on a topic: null, and so nothing, for a shared topic of which the user is no member. */
export const membershipStart = ({
  userId,
  topic,
  defaultStart,
}: TopicParams): RawBuilder<number> => sql<number>`coalesce(
  (select a.since from audiences a where a.user_id = ${userId} and a.topic = ${topic} and a.left_rev is null),
  cast(${defaultStart} as bigint))`;

/** A record with this user's receipt. */
const personalColumns = sql.raw(`r.rev, r.id, r.kind, r.topics, r.audience, r.body, t.alert_rev, t.expired,
  c.seen_at, c.read_at, c.read_rev, c.archived_at, c.snoozed_until, c.alert_rev as asked_rev, c.marked_unread,
  ${changeBytes} as bytes`);

/** The place of a notification on a list: the rev at which it last asked this user for attention. */
export const listRev = sql.raw(
  '(case when coalesce(c.alert_rev, 0) > t.alert_rev then c.alert_rev else t.alert_rev end)',
);
export const listedColumns = sql`${personalColumns}, ${listRev} as list_rev`;

/** True for a record that is at its topic's own place. One that came back from a snooze has another place, and is read apart. */
export const stands = sql.raw('coalesce(c.alert_rev, 0) <= t.alert_rev');

/** Joins the record of `t`, and what is known of the user: both may be missing. */
export const joins = (userId: Param<string>): RawBuilder<unknown> => sql`
  join records r on r.rev = t.rev
  left join users u on u.user_id = ${userId}
  left join receipts c on c.user_id = ${userId} and c.record_id = t.record_id`;

/** The notifications of a topic on a list, of which first the revs were found and put in order: so no text is read but theirs. */
export const listed = (p: TopicParams, revs: RawBuilder<unknown>): RawBuilder<ListedRow> => sql<ListedRow>`
  select ${listedColumns} from (${revs}) l cross join record_topics t ${joins(p.userId)}
  where t.topic = ${p.topic} and t.rev = l.rev order by l.list_rev desc`;

/** The rev up to which a user has read everything. */
export const readUpto = (userId: Param<string>): RawBuilder<number> =>
  sql`coalesce((select w.read_upto from users w where w.user_id = ${userId}), 0)`;

/**
 * No more than a user has unread, as kept for the user's own topic: one who has read it all is not looked through for more, as an owner of a
 * million tasks.
 */
const mostUnread = ({
  userId,
  topic,
  limit,
}: TopicParams & { limit: Param<number> }): RawBuilder<number> => sql<number>`
  case when ${topic} = ${userTopicOf(userId)} and ${ownUnread(userId)} < ${limit} then ${ownUnread(userId)} else ${limit} end`;
const userTopicOf = (userId: Param<string>): RawBuilder<string> => sql<string>`${sql.lit(userPrefix)} || ${userId}`;
const ownUnread = (userId: Param<string>): RawBuilder<number> =>
  sql<number>`coalesce((select cast(sum(n.unread) as bigint) from unread_counts n where n.user_id = ${userId}), 0)`;

/** A receipt makes it ask: it came back from a snooze, or was marked as unread. Few do, and an index holds those. */
export const asks = sql.raw('c.marked_unread + c.alert_rev > 0');

/** Most records ask for attention once, when they are stored, and are found there; an index holds only the others. */
export const hasNotMoved = sql.raw('t.alert_rev = t.rev');
export const hasMoved = sql.raw('t.alert_rev > 0 and t.alert_rev < t.rev');

/** The topics of a record `r`, as rows `h.value`. */
const topicsOf = (db: Kysely<Schema>): RawBuilder<unknown> =>
  db.getExecutor().adapter instanceof SqliteAdapter
    ? sql`json_each(r.topics) h`
    : sql`json_array_elements_text(r.topics::json) h (value)`;

/** The largest body of a record that is read beside others as one text, bytes. */
const plainBytes = 2_048;

/** True for a record whose frame is its body and its rev: all who follow the topic may see it, and the user did nothing with it. */
const isPlain = (userId: Param<string>): RawBuilder<unknown> => sql`(
  r.audience is null and c.user_id is null and octet_length(r.body) <= ${sql.lit(plainBytes)}
  and (t.alert_rev = 0 or (t.alert_rev = t.rev and t.alert_rev > ${readUpto(userId)})))`;

/** The records of a topic past a rev, oldest first, as one user sees them. */
const afterRev = (p: TopicParams & { after: Param<number>; limit: Param<number> }): RawBuilder<unknown> => sql`
  from record_topics t ${joins(p.userId)}
  where t.topic = ${p.topic} and t.rev > ${p.after}
    and (case when t.alert_rev = 0 then t.rev else t.alert_rev end) > ${membershipStart(p)}
  order by t.rev limit ${p.limit}`;

/** Records by topic, for catching up. */
export function topicStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const unreadNewest = (p: TopicParams & { limit: Param<number> }, bound: RawBuilder<unknown>, order: string) =>
    sql<ListedRow>`
    select ${listedColumns} from record_topics t ${joins(p.userId)}
    where t.topic = ${p.topic} and ${bound} and ${stands} and ${isKept} and ${isUnread} and t.alert_rev > ${membershipStart(p)}
    order by ${sql.raw(order)} desc limit ${mostUnread(p)}`;
  return {
    /** A notification in a user's inbox. */
    inboxRecord: statement(
      { id: text, ...topicParams },
      (p) => sql<{ id: string }>`select r.id from records r join record_topics t on t.rev = r.rev
      where r.id = ${p.id} and t.topic = ${p.topic} and t.alert_rev > ${membershipStart(p)}`,
    ),
    /** Unread notifications of a user's own topic that have an id of the application's, newest first. */
    unreadExternal: statement(
      { userId: text, topic: text, externalId: text },
      (p) => sql<{ id: string }>`
      select r.id from record_topics t ${joins(p.userId)}
      where t.topic = ${p.topic} and t.external_id = ${p.externalId} and t.alert_rev > 0 and ${isKept} and ${isUnread}
      order by t.alert_rev desc limit 100`,
    ),
    /** Past a rev, oldest first. */
    topicAfter: statement(
      { ...topicParams, after: number, limit: number },
      (p) => sql<PersonalRow>`select ${personalColumns} ${afterRev(p)}`,
    ),
    /**
     * The same in one row, which costs a third: the bodies of those that are plain as one text, and `rev,size` of each, in bytes. `others` are
     * not plain.
     */
    plainAfter: statement(
      { ...topicParams, after: number, limit: number },
      (p) => sql<PlainRow>`
      select count(*) as n, count(*) - count(p.body) as others, string_agg(p.body, '') as bodies,
        string_agg(cast(p.rev as text) || ',' || cast(octet_length(p.body) as text), ',') as sizes
      from (select t.rev, case when ${isPlain(p.userId)} then r.body end as body ${afterRev(p)}) p`,
    ),
    /** Records of a topic that were written to no session of the user, oldest first. */
    undelivered: statement(
      { userId: text, topic: text, limit: number },
      (p) => sql<PersonalRow>`
      select ${personalColumns} from record_topics t ${joins(p.userId)}
      where t.topic = ${p.topic} and r.kind <> 'retracted'
        and t.rev > coalesce((select d.delivered_upto from users d where d.user_id = ${p.userId}), 0)
      order by t.rev limit ${p.limit}`,
    ),
    /** Unread notifications, newest first, of those that have not changed since they asked for attention. */
    unreadNewest: statement({ ...topicParams, limit: number }, (p) =>
      unreadNewest(p, sql`t.rev > ${readUpto(p.userId)} and ${hasNotMoved}`, 't.rev'),
    ),
    /** Of those that have. */
    unreadMovedNewest: statement({ ...topicParams, limit: number }, (p) =>
      unreadNewest(p, sql`t.alert_rev > ${readUpto(p.userId)} and ${hasMoved}`, 't.alert_rev'),
    ),
    /** Of those that a receipt makes unread. */
    unreadAsking: statement({ ...topicParams, limit: number }, (p) =>
      listed(
        p,
        sql`select t.rev, ${listRev} as list_rev from receipts c join records r on r.id = c.record_id
          join record_topics t on t.topic = ${p.topic} and t.rev = r.rev left join users u on u.user_id = ${p.userId}
        where c.user_id = ${p.userId} and ${asks} and ${isKept} and ${isUnread} and t.alert_rev > ${membershipStart(p)}
        order by list_rev desc limit ${p.limit}`,
      ),
    ),
    /** The newest records of a topic that is neither shared nor a room, as one user sees them. */
    topicNewest: statement(
      { ...topicParams, limit: number },
      (p) => sql<PersonalRow>`
      select ${personalColumns} from record_topics t ${joins(p.userId)}
      where t.topic = ${p.topic} and r.kind <> 'retracted' and t.rev > ${membershipStart(p)}
      order by t.rev desc limit ${p.limit}`,
    ),
    /** The newest records of a shared topic, as one user sees them. */
    sharedNewest: statement(
      { ...topicParams, limit: number },
      (p) => sql<PersonalRow>`
      select ${personalColumns} from record_topics t ${joins(p.userId)}
      where t.topic = ${p.topic} and t.alert_rev > ${membershipStart(p)} and ${isKept}
      order by t.rev desc limit ${p.limit}`,
    ),
    /** Topics on which records of the revs `from..to` last asked for attention earlier than on their others. */
    rangeAlerts: statement(
      { from: number, to: number },
      (p) => sql<{ rev: number; topic: string; alert_rev: number }>`
      select r.rev, t.topic, t.alert_rev
      from records r cross join ${topicsOf(db)} join record_topics t on t.topic = h.value and t.rev = r.rev
      where r.rev >= ${p.from} and r.rev <= ${p.to} and r.topics like '%,%' and t.alert_rev < r.alert_rev
      order by r.rev`,
    ),
    /** The next topic there is. */
    nextTopic: statement(
      { topic: text },
      (p) => sql<{ topic: string }>`select topic from record_topics where topic > ${p.topic} order by topic limit 1`,
    ),
    /** Notifications that are not among the `newest` of a topic. */
    exceedingNewest: statement(
      { topic: text, newest: number, limit: number },
      (p) => sql<{ id: string }>`
      select r.id from record_topics t join records r on r.rev = t.rev
      where t.topic = ${p.topic} and t.alert_rev > 0 order by t.rev desc limit ${p.limit} offset ${p.newest}`,
    ),
  };
}

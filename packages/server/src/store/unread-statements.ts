import { type Kysely, type RawBuilder, sql } from 'kysely';
import { revsOfBucket, type Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';
import { asks, hasMoved, hasNotMoved, readUpto } from './topic-statements.ts';
import { isKept, isUnreadSql as isUnread } from './unread-condition.ts';

/** The number of unread notifications of a category. */
export interface CountRow {
  category: string;
  n: number;
}

/** The rev past which what is on a shared topic of `a` counts by itself. */
const beginOf = (userId: Param<string>): RawBuilder<number> =>
  sql`(case when a.since > ${readUpto(userId)} then a.since else ${readUpto(userId)} end)`;

/**
 * The receipts of a user that are on the user's shared topics. Each row of a topic is looked up by itself: in a join it might be looked for among
 * all that are there.
 */
const byReceipts = (
  userId: Param<string>,
  { n, receipts, counted }: { n: RawBuilder<unknown>; receipts: RawBuilder<unknown>; counted: RawBuilder<unknown> },
): RawBuilder<CountRow> => sql<CountRow>`
  select x.category, ${n} as n from (
    select (select t.category from record_topics t left join users u on u.user_id = c.user_id
      where t.topic = a.topic and t.rev = r.rev and ${counted}) as category
    from receipts c cross join records r cross join audiences a
    where c.user_id = ${userId} and c.shared_rev > 0 and ${receipts} and r.id = c.record_id
      and a.user_id = ${userId} and a.left_rev is null and a.access is null) x
  where x.category is not null group by x.category`;

const perBucket = sql.lit(revsOfBucket);
const bucketOf = (rev: RawBuilder<number>): RawBuilder<number> => sql`(${rev} / ${perBucket})`;

/** Unread notifications, by category. Those on a user's own topic are kept; those on shared ones are counted when asked for. */
export function unreadStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** On the user's own topic, as kept. */
    ownCounts: statement({ userId: text }, (p) =>
      db.selectFrom('unread_counts').select(['category', 'unread as n']).where('user_id', '=', p.userId),
    ),
    /** On the shared topics of which a user is a member, of what is above the watermark, whoever has handled it: of the first revs, one by one. */
    sharedFirst: statement({ userId: text }, (p) => {
      const begin = beginOf(p.userId);
      const end = sql`${bucketOf(begin)} * ${perBucket} + ${perBucket}`;
      const first = (bounds: RawBuilder<unknown>) => sql`
      select t.category from audiences a cross join record_topics t
      where a.user_id = ${p.userId} and a.left_rev is null and a.access is null and t.topic = a.topic and t.expired = 0 and ${bounds}`;
      return sql<CountRow>`
      select f.category, count(*) as n from (
        ${first(sql`${hasNotMoved} and t.rev > ${begin} and t.rev < ${end}`)}
        union all
        ${first(sql`${hasMoved} and t.alert_rev > ${begin} and t.alert_rev < ${end}`)}) f
      group by f.category`;
    }),
    /** The same, of all later revs, as kept. */
    sharedLater: statement({ userId: text }, (p) => {
      const begin = beginOf(p.userId);
      return sql<CountRow>`
      select b.category, cast(sum(b.n) as bigint) as n from audiences a cross join topic_counts b
      where a.user_id = ${p.userId} and a.left_rev is null and a.access is null and b.topic = a.topic and b.bucket > ${bucketOf(begin)}
      group by b.category`;
    }),
    /** Of the same, what the user has handled and so is not unread; below zero. */
    sharedHandled: statement({ userId: text }, (p) =>
      byReceipts(p.userId, {
        n: sql`-count(*)`,
        receipts: sql`c.shared_rev > ${readUpto(p.userId)}`,
        counted: sql`t.alert_rev > ${beginOf(p.userId)} and t.expired = 0 and not (${isKept} and ${isUnread})`,
      }),
    ),
    /** On the same topics, of what is not above the watermark and a receipt makes unread. */
    sharedBelow: statement({ userId: text }, (p) =>
      byReceipts(p.userId, {
        n: sql`count(*)`,
        receipts: asks,
        counted: sql`${isKept} and ${isUnread} and t.alert_rev <= coalesce(u.read_upto, 0) and t.alert_rev > a.since`,
      }),
    ),
    /** On the user's own topic, counted anew, of what is above the watermark. */
    ownAbove: statement(
      { userId: text, topic: text },
      (p) => sql<CountRow>`
      select t.category, count(*) as n from record_topics t
        left join users u on u.user_id = ${p.userId}
        left join receipts c on c.user_id = ${p.userId} and c.record_id = t.record_id
      where t.topic = ${p.topic} and t.rev > ${readUpto(p.userId)} and t.alert_rev > ${readUpto(p.userId)}
        and ${isKept} and ${isUnread}
      group by t.category`,
    ),
    /** On the same, of what is not above it and a receipt makes unread. */
    ownBelow: statement(
      { userId: text, topic: text },
      (p) => sql<CountRow>`
      select t.category, count(*) as n from receipts c join records r on r.id = c.record_id
        join record_topics t on t.topic = ${p.topic} and t.rev = r.rev left join users u on u.user_id = ${p.userId}
      where c.user_id = ${p.userId} and ${asks} and ${isKept} and ${isUnread} and t.alert_rev <= coalesce(u.read_upto, 0)
      group by t.category`,
    ),
    addToCount: statement(
      { userId: text, category: text, by: number },
      (
        p,
      ) => sql<never>`insert into unread_counts (user_id, category, unread) values (${p.userId}, ${p.category}, ${p.by})
      on conflict (user_id, category) do update set unread = unread_counts.unread + excluded.unread`,
    ),
    clearCounts: statement({ userId: text }, (p) => db.deleteFrom('unread_counts').where('user_id', '=', p.userId)),
  };
}

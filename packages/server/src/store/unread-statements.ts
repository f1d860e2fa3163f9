import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';
import { asks, readUpto } from './topic-statements.ts';
import { isKept, isUnreadSql as isUnread } from './unread-condition.ts';

/** The number of unread notifications of a category. */
export interface CountRow {
  category: string;
  n: number;
}

/** Unread notifications, by category. Those on a user's own topic are kept; those on shared ones are counted when asked for. */
export function unreadStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** On the user's own topic, as kept. */
    ownCounts: statement({ userId: text }, (p) =>
      db.selectFrom('unread_counts').select(['category', 'unread as n']).where('user_id', '=', p.userId),
    ),
    /** On the shared topics of which a user is a member, of what is above the watermark. */
    sharedAbove: statement({ userId: text }, (p) => {
      const begin = sql`(case when a.since > ${readUpto(p.userId)} then a.since else ${readUpto(p.userId)} end)`;
      return sql<CountRow>`
      select t.category, count(*) as n from audiences a join record_topics t on t.topic = a.topic and t.rev > ${begin}
        left join users u on u.user_id = a.user_id
        left join receipts c on c.user_id = a.user_id and c.record_id = t.record_id
      where a.user_id = ${p.userId} and a.left_rev is null and t.alert_rev > ${begin} and ${isKept} and ${isUnread}
      group by t.category`;
    }),
    /** On the same, of what is not above it and a receipt makes unread. */
    sharedBelow: statement(
      { userId: text },
      (p) => sql<CountRow>`
      select t.category, count(*) as n from receipts c join records r on r.id = c.record_id
        join audiences a on a.user_id = c.user_id and a.left_rev is null
        join record_topics t on t.topic = a.topic and t.rev = r.rev left join users u on u.user_id = c.user_id
      where c.user_id = ${p.userId} and ${asks} and ${isKept} and ${isUnread}
        and t.alert_rev <= coalesce(u.read_upto, 0) and t.alert_rev > a.since
      group by t.category`,
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

import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { ListedRow } from './record-rows.ts';
import type { Schema } from './schema.ts';
import {
  type NamedParams,
  number,
  numberOrNull,
  type Param,
  statementCompiler,
  text,
  textOrNull,
} from './statement.ts';
import {
  asks,
  hasMoved,
  hasNotMoved,
  joins,
  listed,
  listedColumns,
  listRev,
  membershipStart,
  stands,
  topicParams,
} from './topic-statements.ts';
import { isKept, isUnreadSql as isUnread } from './unread-condition.ts';

/** The filters of a page; null for any. */
const filterParams = {
  unread: numberOrNull,
  type: textOrNull,
  publishedSince: numberOrNull,
  publishedUntil: numberOrNull,
  /** A pattern of `like`, escaped with `!`. */
  textPattern: textOrNull,
};

const isShown = (p: NamedParams<typeof filterParams>): RawBuilder<unknown> => sql`
  (cast(${p.unread} as bigint) is null or (case when ${isUnread} then 1 else 0 end) = ${p.unread})
  and (cast(${p.type} as text) is null or r.type = ${p.type})
  and (cast(${p.publishedSince} as bigint) is null or r.at >= ${p.publishedSince})
  and (cast(${p.publishedUntil} as bigint) is null or r.at < ${p.publishedUntil})
  and (cast(${p.textPattern} as text) is null or r.search like ${p.textPattern} escape '!')`;

const pageParams = { ...topicParams, before: number, limit: number };
/** `scan` is how much of a topic one filtered page looks at. */
const scanParams = { ...pageParams, ...filterParams, scan: number };
const receiptParams = { ...pageParams, ...filterParams, category: textOrNull };
/** `last` is `scan` - 1. */
const endParams = { topic: text, before: number, last: number };

type Place = { topic: Param<string>; before: Param<number> };
type PlaceInCategory = Place & { category: Param<string> };

const unmoved = (p: Place) => sql`t.topic = ${p.topic} and t.rev < ${p.before} and ${hasNotMoved} order by t.rev desc`;
const moved = (p: Place) =>
  sql`t.topic = ${p.topic} and ${hasMoved} and t.alert_rev < ${p.before} order by t.alert_rev desc`;
const inCategory = (p: PlaceInCategory) => sql`
  t.topic = ${p.topic} and t.category <> '' and t.category = ${p.category}
  and t.alert_rev > 0 and t.alert_rev < ${p.before} order by t.alert_rev desc`;

const page = (p: NamedParams<typeof pageParams>, conditions: RawBuilder<unknown>, order: RawBuilder<unknown>) =>
  sql<ListedRow>`
    select ${listedColumns} from record_topics t ${joins(p.userId)} where ${conditions}
      and ${stands} and ${isKept} and t.alert_rev > ${membershipStart(p)} order by ${order} desc limit ${p.limit}`;

/** One filtered page looks at a bounded part of a topic. */
const scanned = (p: NamedParams<typeof scanParams>, part: RawBuilder<unknown>) =>
  listed(
    p,
    sql`select t.rev, ${listRev} as list_rev
    from (select * from record_topics t where ${part} limit ${p.scan}) t ${joins(p.userId)}
    where ${stands} and ${isKept} and t.alert_rev > ${membershipStart(p)} and ${isShown(p)}
    order by list_rev desc limit ${p.limit}`,
  );

const scanEnd = (part: RawBuilder<unknown>, last: Param<number>) => sql<{ alert_rev: number }>`
    select t.alert_rev from record_topics t where ${part} limit 1 offset ${last}`;

/** Few receipts of a user are such: they are read first, in this order. */
const byReceipt = (p: NamedParams<typeof receiptParams>, condition: RawBuilder<unknown>) =>
  listed(
    p,
    sql`select t.rev, ${listRev} as list_rev from receipts c cross join records r cross join record_topics t
      left join users u on u.user_id = ${p.userId}
    where c.user_id = ${p.userId} and ${condition} and r.id = c.record_id and t.topic = ${p.topic} and t.rev = r.rev
      and t.alert_rev > ${membershipStart(p)} and ${listRev} < ${p.before}
      and (cast(${p.category} as text) is null or t.category = ${p.category}) and ${isShown(p)}
    order by list_rev desc limit ${p.limit}`,
  );

/** Pages of an inbox, newest first. */
export function inboxStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** Notifications that stand where they were stored. */
    inbox: statement(pageParams, (p) =>
      page(p, sql`t.topic = ${p.topic} and t.rev < ${p.before} and ${hasNotMoved}`, sql`t.rev`),
    ),
    /** Notifications that have changed since. */
    inboxMoved: statement(pageParams, (p) =>
      page(p, sql`t.topic = ${p.topic} and ${hasMoved} and t.alert_rev < ${p.before}`, sql`t.alert_rev`),
    ),
    search: statement(scanParams, (p) => scanned(p, unmoved(p))),
    searchMoved: statement(scanParams, (p) => scanned(p, moved(p))),
    searchCategory: statement({ ...scanParams, category: text }, (p) => scanned(p, inCategory(p))),
    /** The end of the part that one page looks at. */
    searchEnd: statement(endParams, (p) => scanEnd(unmoved(p), p.last)),
    searchMovedEnd: statement(endParams, (p) => scanEnd(moved(p), p.last)),
    searchCategoryEnd: statement({ ...endParams, category: text }, (p) => scanEnd(inCategory(p), p.last)),
    /** Notifications that stand where a receipt has them. */
    returned: statement(receiptParams, (p) => byReceipt(p, sql`${asks} and c.alert_rev > t.alert_rev and ${isKept}`)),
    archived: statement(receiptParams, (p) => byReceipt(p, sql`c.archived_at > 0`)),
    snoozed: statement(receiptParams, (p) => byReceipt(p, sql`c.snoozed_until > 0`)),
  };
}

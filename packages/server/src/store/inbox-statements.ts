import { type Kysely, type RawBuilder, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';
import { asks, hasMoved, hasNotMoved, isKept, isUnread, joins, personalColumns, since } from './topic-statements.ts';

/** Where a notification stands in the list: at the rev at which it last asked this user for attention. */
const place = sql.raw('(case when coalesce(c.alert_rev, 0) > t.alert_rev then c.alert_rev else t.alert_rev end)');

/** What came back from a snooze stands at another place, and is read apart. */
const stands = sql.raw('coalesce(c.alert_rev, 0) <= t.alert_rev');

/** Takes unread, unread, type, type, since, since, until, until, text, text; each null where it does not matter. */
const filters = (): RawBuilder<unknown> => sql`
  (cast(${number} as bigint) is null or (case when ${isUnread} then 1 else 0 end) = ${number})
  and (cast(${text} as text) is null or r.type = ${text})
  and (cast(${number} as bigint) is null or r.at >= ${number})
  and (cast(${number} as bigint) is null or r.at < ${number})
  and (cast(${text} as text) is null or r.search like ${text} escape '!')`;

/** Pages of an inbox, newest first. `open` is as in `since`, `filters` as above. */
export function inboxStatements(db: Kysely<Schema>) {
  const compile = (query: RawBuilder<unknown>): string => query.compile(db).sql;
  const page = (conditions: RawBuilder<unknown>) => sql`
    select ${personalColumns} from record_topics t ${joins()} where ${conditions}
      and ${stands} and ${isKept} and t.alert_rev > ${since()}`;
  /** What one filtered page looks at: a bounded part of a topic. */
  const scanned = (part: RawBuilder<unknown>) => sql`
    select ${personalColumns} from (select * from record_topics t where ${part} limit ${number}) t ${joins()}
    where ${stands} and ${isKept} and t.alert_rev > ${since()} and ${filters()}
    order by t.alert_rev desc limit ${number}`;
  const scanEnd = (part: RawBuilder<unknown>) => sql`
    select t.alert_rev from record_topics t where ${part} limit 1 offset ${number}`;
  const partUnmoved = () => sql`t.topic = ${text} and t.rev < ${number} and ${hasNotMoved} order by t.rev desc`;
  const partMoved = () => sql`t.topic = ${text} and ${hasMoved} and t.alert_rev < ${number} order by t.alert_rev desc`;
  const partOfCategory = () => sql`t.topic = ${text} and t.category <> '' and t.category = ${text}
    and t.alert_rev > 0 and t.alert_rev < ${number} order by t.alert_rev desc`;
  /** Few receipts of a user are such: they are read first, in this order. */
  const byReceipt = (condition: RawBuilder<unknown>) => sql`
    select ${personalColumns} from receipts c cross join records r cross join record_topics t
      left join users u on u.user_id = ${text}
    where c.user_id = ${text} and ${condition} and r.id = c.record_id and t.topic = ${text} and t.rev = r.rev
      and t.alert_rev > ${since()} and ${place} < ${number}
      and (cast(${text} as text) is null or t.category = ${text}) and ${filters()}
    order by ${place} desc limit ${number}`;
  return {
    /** user_id, user_id, topic, before, user_id, topic, open, limit: what stands where it was stored */
    inbox: compile(sql`${page(sql`t.topic = ${text} and t.rev < ${number} and ${hasNotMoved}`)}
      order by t.rev desc limit ${number}`),
    /** the same of what has changed since */
    inboxMoved: compile(sql`${page(sql`t.topic = ${text} and ${hasMoved} and t.alert_rev < ${number}`)}
      order by t.alert_rev desc limit ${number}`),
    /** topic, before, scan, user_id, user_id, user_id, topic, open, ...filters, limit */
    search: compile(scanned(partUnmoved())),
    searchMoved: compile(scanned(partMoved())),
    /** topic, category, before, scan, user_id, user_id, user_id, topic, open, ...filters, limit */
    searchCategory: compile(scanned(partOfCategory())),
    /** topic, before, scan - 1: where the part ends that one page looks at */
    searchEnd: compile(scanEnd(partUnmoved())),
    searchMovedEnd: compile(scanEnd(partMoved())),
    /** topic, category, before, scan - 1 */
    searchCategoryEnd: compile(scanEnd(partOfCategory())),
    /** user_id, user_id, topic, user_id, topic, open, before, category, category, ...filters, limit */
    returned: compile(byReceipt(sql`${asks} and c.alert_rev > t.alert_rev and ${isKept}`)),
    archived: compile(byReceipt(sql`c.archived_at > 0`)),
    snoozed: compile(byReceipt(sql`c.snoozed_until > 0`)),
  };
}

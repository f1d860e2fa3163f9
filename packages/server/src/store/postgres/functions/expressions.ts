import { statements } from '../../statements.ts';
import { postgresCompiler } from '../dialect.ts';

/** SQL that several functions are made of. Aliases: `c` is a receipt that may be missing, `u` a user who may be. */

/** Whether a record that asked at a rev counts as unread for a user; the same as `isUnread` in rows.ts. */
export const isUnread = (alertRev: string, expired: string): string => `(${alertRev} > 0 and ${expired} = 0
  and c.archived_at is null and c.snoozed_until is null and ${isNotRead(alertRev)})`;

/** The same as `isRead` in rows.ts, turned round. */
export const isNotRead = (alertRev: string): string => `(coalesce(c.marked_unread, 0) = 1
  or greatest(${alertRev}, coalesce(c.alert_rev, 0)) > greatest(coalesce(u.read_upto, 0), coalesce(c.read_rev, 0)))`;

export const isShared = (topic: string): string => `(${topic} = 'everyone' or starts_with(${topic}, 'role:'))`;
export const isOwn = (topic: string): string => `starts_with(${topic}, 'user:')`;
export const userOf = (topic: string): string => `substr(${topic}, 6)`;

/** The rev past which the user `who` sees what is on a topic; null where nothing of it is seen. As in topic-statements.ts. */
export const since = (topic: string): string => `coalesce(
  (select a.since from audiences a where a.user_id = who and a.topic = ${topic} and a.left_rev is null),
  case when ${isShared(topic)} then null else 0 end)`;

/** Joins a user, who may be unknown, and what the user did with a record. */
export const person = (userId: string, recordId: string): string => `
  left join users u on u.user_id = ${userId}
  left join receipts c on c.user_id = ${userId} and c.record_id = ${recordId}`;

/** Adds rows of user_id, category, by, one for each pair, to the unread counts. */
export const addToCounts = (rows: string): string => `
  insert into unread_counts as n (user_id, category, unread) ${rows}
  on conflict (user_id, category) do update set unread = n.unread + excluded.unread`;

const texts = statements(postgresCompiler());

/** One of the statements, with SQL in the place of its parameters. */
export const statement = (name: keyof typeof texts, ...params: string[]): string =>
  texts[name].sql.replace(/\$(\d+)/g, (_, n) => `(${params[Number(n) - 1]})`);

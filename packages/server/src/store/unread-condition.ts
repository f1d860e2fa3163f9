import { sql } from 'kysely';

/** `isUnread` in SQL, of `t` (a row of record_topics), `c` (the receipt, which may be missing) and `u` (the user, who may be). */
export const isKept = sql.raw('c.archived_at is null and c.snoozed_until is null');
export const isUnreadSql = sql.raw(`(t.alert_rev > 0 and t.expired = 0 and (c.marked_unread = 1 or (
  (t.alert_rev > coalesce(u.read_upto, 0) or coalesce(c.alert_rev, 0) > coalesce(u.read_upto, 0))
  and (t.alert_rev > coalesce(c.read_rev, 0) or coalesce(c.alert_rev, 0) > coalesce(c.read_rev, 0)))))`);

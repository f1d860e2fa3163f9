import type { RecordRow } from './source.ts';

/** True if a newer record of the same collapse key may replace one: it is live, and asks for attention. */
export const isCollapsible = ({ kind, alert_rev, expired, status }: RecordRow): boolean =>
  kind === 'notification' && alert_rev > 0 && expired === 0 && status === null;

/** The same in SQL. */
export const isCollapsibleSql = "kind = 'notification' and alert_rev > 0 and expired = 0 and status is null";

/** The columns that decide whether a notification counts on a topic. `alert_rev` is the rev at which it last asked for attention there; 0 for never. */
export interface Standing {
  alert_rev: number;
  expired: number;
}

/** The marks of a user that decide whether a notification is unread. `alert_rev` is the rev at which its snooze ended; 0 for never. */
export interface Attention {
  read_rev: number;
  alert_rev: number;
  marked_unread: number;
  archived_at: number | null;
  snoozed_until: number | null;
}

/** The rev at which a notification last asked this user for attention. */
export const askedAt = (alertRev: number, receipt: Pick<Attention, 'alert_rev'> | undefined): number =>
  Math.max(alertRev, receipt?.alert_rev ?? 0);

/**
 * True if a notification has had this user's attention since it last asked.
 * @param watermark the rev up to which the user has read everything
 */
export const isRead = (
  alertRev: number,
  receipt: Pick<Attention, 'read_rev' | 'alert_rev' | 'marked_unread'> | undefined,
  watermark: number,
): boolean =>
  (receipt?.marked_unread ?? 0) === 0 && askedAt(alertRev, receipt) <= Math.max(watermark, receipt?.read_rev ?? 0);

/** True if it counts as unread: it asks for attention, is neither expired nor archived nor snoozed, and has not been read. */
export const isUnread = (
  { alert_rev, expired }: Standing,
  receipt: Attention | undefined,
  watermark: number,
): boolean =>
  alert_rev > 0 &&
  expired === 0 &&
  (receipt?.archived_at ?? null) === null &&
  (receipt?.snoozed_until ?? null) === null &&
  !isRead(alert_rev, receipt, watermark);

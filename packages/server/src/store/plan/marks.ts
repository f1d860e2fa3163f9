import type { Mark } from '../../domain/writes.ts';
import { askedAt, isRead } from '../unread.ts';
import type { ReceiptRow } from './source.ts';

interface Marking {
  mark: Mark;
  /** The rev of the change, and when it was made, epoch milliseconds. */
  rev: number;
  at: number;
  until: number | null;
  /** The rev at which the notification last asked for attention on its topic. */
  alertRev: number;
  /** The rev up to which the user has read everything. */
  watermark: number;
}

/** Applies a mark to a receipt, which is empty if there is none yet; null if nothing changes. */
export function marked(
  before: ReceiptRow,
  { mark, rev, at, until, alertRev, watermark }: Marking,
): Partial<ReceiptRow> | null {
  const read = isRead(alertRev, before, watermark);
  switch (mark) {
    case 'seen':
      return before.seen_at === null ? { seen_at: at } : null;
    case 'read':
      if (read) return null;
      return { seen_at: before.seen_at ?? at, read_at: at, read_rev: askedAt(alertRev, before), marked_unread: 0 };
    case 'unread':
      return read ? { read_at: null, read_rev: 0, marked_unread: 1 } : null;
    case 'archive':
      return before.archived_at === null ? { archived_at: at, snoozed_until: null } : null;
    case 'unarchive':
      return before.archived_at === null ? null : { archived_at: null };
    case 'snooze':
      return before.snoozed_until === until ? null : { archived_at: null, snoozed_until: until };
    case 'unsnooze':
      return before.snoozed_until === null ? null : { snoozed_until: null };
    case 'return':
      // Somebody may have changed their mind since it was found to be due.
      return before.snoozed_until !== null && before.snoozed_until <= at
        ? { snoozed_until: null, alert_rev: rev, marked_unread: 0 }
        : null;
  }
}

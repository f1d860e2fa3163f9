import type { Mark } from '../domain/ports.ts';
import type { Row } from './engine.ts';
import { askedAt, isRead } from './rows.ts';

/** What a user did with one notification: the columns of a receipt that marks change. */
export interface Marks {
  seen_at: number | null;
  read_at: number | null;
  archived_at: number | null;
  snoozed_until: number | null;
  read_rev: number;
  asked_rev: number;
  marked_unread: number;
}

const numberOrNull = (value: Row[string] | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** The receipt of a row; all empty where there is none. */
const marksOf = (row: Row): Marks => ({
  seen_at: numberOrNull(row.seen_at),
  read_at: numberOrNull(row.read_at),
  archived_at: numberOrNull(row.archived_at),
  snoozed_until: numberOrNull(row.snoozed_until),
  read_rev: Number(row.read_rev ?? 0),
  asked_rev: Number(row.asked_rev ?? 0),
  marked_unread: Number(row.marked_unread ?? 0),
});

/** What a mark makes of a receipt; null where it changes nothing. The row holds the notification's alert and the receipt. */
export function marked(
  row: Row,
  watermark: number,
  { mark, at, until, rev }: { mark: Mark; at: number; until: number | null; rev: number },
): Marks | null {
  const before = marksOf(row);
  const read = isRead(row, watermark);
  switch (mark) {
    case 'seen':
      return before.seen_at === null ? { ...before, seen_at: at } : null;
    case 'read':
      return read
        ? null
        : { ...before, seen_at: before.seen_at ?? at, read_at: at, read_rev: askedAt(row), marked_unread: 0 };
    case 'unread':
      return read ? { ...before, read_at: null, read_rev: 0, marked_unread: 1 } : null;
    case 'archive':
      return before.archived_at === null ? { ...before, archived_at: at, snoozed_until: null } : null;
    case 'unarchive':
      return before.archived_at === null ? null : { ...before, archived_at: null };
    case 'snooze':
      return before.snoozed_until === until ? null : { ...before, archived_at: null, snoozed_until: until };
    case 'unsnooze':
      return before.snoozed_until === null ? null : { ...before, snoozed_until: null };
    case 'return':
      // Somebody may have changed their mind since the clockwork looked.
      return before.snoozed_until !== null && before.snoozed_until <= at
        ? { ...before, snoozed_until: null, asked_rev: rev, marked_unread: 0 }
        : null;
  }
}

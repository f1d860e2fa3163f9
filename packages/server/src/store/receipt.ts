import type { Receipt } from '@tidings/protocol';
import { type Attention, isRead } from './unread.ts';

/** A user's watermark: everything that asked for attention up to `rev` was read at that time. */
export interface Watermark {
  rev: number;
  at: string | null;
}

/** The marks of a user on a notification, with their times, epoch milliseconds. */
export interface DatedAttention extends Attention {
  seen_at: number | null;
  read_at: number | null;
}

export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A receipt as clients have it. @param alertRev the rev at which the notification last asked for attention on its topic */
export function receiptOf(id: string, alertRev: number, did: DatedAttention, watermark: Watermark): Receipt {
  return {
    id,
    seen_at: iso(did.seen_at),
    read_at: isRead(alertRev, did, watermark.rev) ? (iso(did.read_at) ?? watermark.at) : null,
    archived_at: iso(did.archived_at),
    snoozed_until: iso(did.snoozed_until),
    ...(did.alert_rev > 0 ? { alert_rev: did.alert_rev } : {}),
  };
}

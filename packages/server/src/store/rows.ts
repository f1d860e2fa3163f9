import type { Receipt } from '@tidings/protocol';
import type { Change, PersonalChange, StoredRecord } from '../domain/ports.ts';
import type { Row } from './engine.ts';

const iso = (at: string | number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(Number(at)).toISOString();

export function changeOf(row: Row): Change {
  return {
    rev: Number(row.rev),
    id: String(row.id),
    kind: row.kind as Change['kind'],
    topics: JSON.parse(String(row.topics)),
    audience: row.audience === null ? null : JSON.parse(String(row.audience)),
    body: String(row.body),
  };
}

export const storedOf = (row: Row): StoredRecord => ({ ...changeOf(row), state: row.state as string | null });

export function receiptOf(row: Row, id: string): Receipt {
  return {
    id,
    seen_at: iso(row.seen_at),
    read_at: Number(row.read_rev) > 0 ? iso(row.read_at) : null,
    archived_at: iso(row.archived_at),
    snoozed_until: iso(row.snoozed_until),
  };
}

/** A user's watermark: everything that asked for attention up to `rev` was read at that time. */
export interface Watermark {
  rev: number;
  at: string | null;
}

export const watermarkOf = (user: Row | undefined): Watermark => ({
  rev: Number(user?.read_upto ?? 0),
  at: iso(user?.read_upto_at),
});

/** A record with this user's receipt, the watermark included. */
export function personalOf(row: Row, watermark: Watermark): PersonalChange {
  const change = changeOf(row);
  const alertRev = Number(row.alert_rev);
  const hasReceipt = row.read_rev !== null && row.read_rev !== undefined;
  const underWatermark = alertRev > 0 && alertRev <= watermark.rev;
  if (!hasReceipt && !underWatermark) return { ...change, receipt: null };
  const none = { seen_at: null, read_at: null, read_rev: 0, archived_at: null, snoozed_until: null };
  const receipt = receiptOf(hasReceipt ? row : none, change.id);
  if (underWatermark && receipt.read_at === null) receipt.read_at = watermark.at;
  if (receipt.read_at !== null && !underWatermark && Number(row.read_rev) < alertRev) receipt.read_at = null;
  return { ...change, receipt };
}

import type { Receipt } from '@tidings/protocol';
import { receiptsBody, receiptsRecordId } from '../domain/inbox/receipts.ts';
import type { Change, PersonalChange } from '../domain/ports.ts';
import { userTopic } from '../domain/topics.ts';
import type { Row } from './engine.ts';
import { receiptOf, type Watermark, watermarkOf } from './rows.ts';

/** How many receipts one page reads; more than one action can change, so that at least one rev is whole. */
export const receiptRows = 2_000;

/** Rows that are complete up to a rev; Infinity where nothing was cut off. */
export interface CutRows {
  rows: readonly Row[];
  upTo: number;
}

/** Where a user's inbox stands in the snapshot that receipts are told from. */
export interface InboxState {
  user: Row | undefined;
  watermark: Watermark;
  unreadCount: number;
}

/** What the user did in `after..upTo`, told in one frame at the newest of those revs; empty where that is nothing. */
export function receiptsChange(
  userId: string,
  rows: readonly Row[],
  after: number,
  upTo: number,
  inbox: InboxState,
): PersonalChange[] {
  const within = rows.filter((row) => Number(row.rev) <= upTo);
  const moved = Number(inbox.user?.read_upto_rev ?? 0);
  const revs = within.map((row) => Number(row.rev));
  if (moved > after && moved <= upTo) revs.push(moved);
  if (revs.length === 0) return [];
  const items = within.map((row) => receiptOf(row, String(row.record_id)));
  const change = changeOfReceipts(userId, Math.max(...revs), items, inbox.watermark, inbox.unreadCount);
  return [{ ...change, receipt: null }];
}

function changeOfReceipts(
  userId: string,
  rev: number,
  items: readonly Receipt[],
  watermark: Watermark,
  unreadCount: number | null,
): Change {
  const body = receiptsBody(userId, items, { unread_count: unreadCount, read_upto: watermark.rev }, Date.now());
  return { rev, id: receiptsRecordId(userId), kind: 'receipts', topics: [userTopic(userId)], audience: null, body };
}

/** The receipts of a range of revs, of all users, as a hub that missed the batch releases them: one frame a rev. */
export function receiptsInRange(receipts: readonly Row[], watermarks: readonly Row[]): Change[] {
  const frames = new Map<string, { userId: string; rev: number; items: Receipt[]; watermark: Watermark }>();
  const frameOf = (userId: string, rev: number) => {
    const key = `${rev} ${userId}`;
    const frame = frames.get(key) ?? { userId, rev, items: [], watermark: watermarkOf(undefined) };
    frames.set(key, frame);
    return frame;
  };
  for (const row of receipts) {
    frameOf(String(row.user_id), Number(row.rev)).items.push(receiptOf(row, String(row.record_id)));
  }
  for (const row of watermarks) frameOf(String(row.user_id), Number(row.read_upto_rev)).watermark = watermarkOf(row);
  return [...frames.values()].map(({ userId, rev, items, watermark }) =>
    changeOfReceipts(userId, rev, items, watermark, null),
  );
}

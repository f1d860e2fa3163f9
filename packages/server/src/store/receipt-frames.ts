import type { Receipt } from '@tidings/protocol';
import {
  type InboxState,
  membershipBody,
  membershipRecordId,
  receiptsBody,
  receiptsRecordId,
} from '../domain/inbox/receipts.ts';
import type { PersonalChange } from '../domain/store/records.ts';
import { rightsTopic, userTopic } from '../domain/topics.ts';
import type { Change } from '../domain/writes.ts';
import { pageBytes } from './page-rows.ts';
import { receiptOf } from './receipt.ts';
import { askedAt, attentionOf, type JoinedReceipt } from './record-rows.ts';
import { watermarkOf } from './user-rows.ts';

/** The most receipts that one page reads; more than one action can change, so that at least one rev is whole. */
export const receiptRows = 2_000;

/** A receipt with what is needed to say whether it is read; of a notification that came back, also that one. */
export interface ReceiptRow extends JoinedReceipt {
  user_id: string;
  record_id: string;
  rev: number;
  /** Null if the record is gone. */
  alert_rev: number | null;
  record_rev: number | null;
  /** The size of the notification, where it came back from a snooze; else 0. */
  bytes: number;
  /** The notification, where it came back from a snooze; null where those of the rows before fill the largest frame. */
  body: string | null;
  read_upto: number | null;
  read_upto_at: number | null;
}

interface WatermarkRow {
  user_id: string;
  read_upto_rev: number;
}

interface MembershipRow {
  user_id: string;
  topic: string;
  rev: number;
  left_rev: number | null;
  /** The right in a room; null where the topic is no room's. */
  access: string | null;
}

/** Receipts that were read together, of whole revs: those of one change share a rev. */
interface WholeRevs {
  rows: readonly ReceiptRow[];
  /** The rev up to which they are all there is; infinite if there are no more. */
  upTo: number;
}

/**
 * The rows of the first revs, one at least. A rev of which rows may be missing is left for the next page, and so is what takes
 * the notifications that came back past `pageBytes`. A first rev with more than the largest frame holds is sent truncated.
 */
export function wholeRevs(rows: readonly ReceiptRow[]): WholeRevs {
  const lastRev = rows.at(-1)?.rev ?? 0;
  const end = rows.length < receiptRows ? Infinity : lastRev;
  let bytes = 0;
  const past = rows.find((row) => {
    bytes += row.bytes;
    return row.rev >= end || (bytes > pageBytes && row.rev > (rows[0] as ReceiptRow).rev);
  });
  return past ? { rows: rows.filter(({ rev }) => rev < past.rev), upTo: past.rev - 1 } : { rows, upTo: Infinity };
}

/** Everything that the user did in `after..upTo`, as one frame at the newest of those revs; empty if that is nothing. */
export function receiptsChange(
  user: WatermarkRow | undefined,
  userId: string,
  rows: readonly ReceiptRow[],
  { after, upTo, state }: { after: number; upTo: number; state: InboxState },
): PersonalChange[] {
  const within = rows.filter((row) => row.rev <= upTo);
  const moved = user?.read_upto_rev ?? 0;
  const revs = within.map((row) => row.rev);
  if (moved > after && moved <= upTo) revs.push(moved);
  if (revs.length === 0) return [];
  // Earlier pages left out what was to come with a later rev, so that each return is sent.
  return [{ ...receiptsAt(Math.max(...revs), userId, within, state), receipt: null }];
}

/** Tells whole what came back since the first rev that was read, whatever was done with it then. */
function receiptsAt(rev: number, userId: string, rows: readonly ReceiptRow[], state: InboxState): Change {
  const items = rows.map((row) => receiptOf(row.record_id, row.alert_rev ?? 0, attentionOf(row), watermarkOf(row)));
  const returned = rows.flatMap((row, i) =>
    row.body !== null ? [returnedFrame(row, row.body, items[i] as Receipt)] : [],
  );
  const body = receiptsBody(userId, items, returned, state, Date.now());
  return personal(rev, receiptsRecordId(userId), 'receipts', [userTopic(userId)], body);
}

/** A notification as it stands on its return, whole. */
const returnedFrame = (row: ReceiptRow, body: string, receipt: Receipt): object => ({
  ...JSON.parse(body),
  alert_rev: askedAt(row),
  receipt,
  rev: row.record_rev,
});

const personal = (rev: number, id: string, kind: Change['kind'], topics: string[], body: string): Change => ({
  ...{ rev, id, kind, topics, body, viewers: null, alertRev: 0, recount: false },
});

/** The change of a membership: a shared topic or a room that was joined or left, or a room in which the right is another one. */
export function membershipChange(row: MembershipRow, state: Pick<InboxState, 'counts' | 'asOf'>, at: number): Change {
  const { user_id, topic, rev, left_rev, access } = row;
  const body = membershipBody({ topic, access, isLeft: left_rev !== null }, state, at);
  return personal(rev, membershipRecordId(topic), 'membership', [userTopic(user_id), rightsTopic], body);
}

/** The users whose receipts, watermarks or memberships changed in a range of revs. */
export const usersIn = (...rows: readonly (readonly { user_id: string }[])[]): string[] => [
  ...new Set(rows.flat().map((row) => row.user_id)),
];

/** The receipts of a range of revs, of all users, as a hub that missed the batch releases them: one frame a rev. */
export function receiptsInRange(
  receipts: readonly ReceiptRow[],
  watermarks: readonly WatermarkRow[],
  states: ReadonlyMap<string, InboxState>,
): Change[] {
  const frames = new Map<string, { userId: string; rev: number; rows: ReceiptRow[] }>();
  const frameOf = (userId: string, rev: number) => {
    const key = `${rev} ${userId}`;
    const frame = frames.get(key) ?? { userId, rev, rows: [] };
    frames.set(key, frame);
    return frame;
  };
  for (const row of receipts) frameOf(row.user_id, row.rev).rows.push(row);
  for (const row of watermarks) frameOf(row.user_id, row.read_upto_rev);
  return [...frames.values()].map(({ userId, rev, rows }) =>
    receiptsAt(rev, userId, rows, states.get(userId) as InboxState),
  );
}

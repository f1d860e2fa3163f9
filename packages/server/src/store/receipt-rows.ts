import type { Receipt } from '@tidings/protocol';
import {
  audienceBody,
  audienceRecordId,
  type InboxState,
  receiptsBody,
  receiptsRecordId,
} from '../domain/inbox/receipts.ts';
import type { Change, PersonalChange } from '../domain/ports.ts';
import { rightsTopic, userTopic } from '../domain/topics.ts';
import type { Row } from './engine.ts';
import { askedAt, receiptOf, watermarkOf } from './rows.ts';

/** How many receipts one page reads; more than one action can change, so that at least one rev is whole. */
export const receiptRows = 2_000;

/** Rows that are complete up to a rev; Infinity where nothing was cut off. */
export interface CutRows {
  rows: readonly Row[];
  upTo: number;
}

/** What the user did in `after..upTo`, told in one frame at the newest of those revs; empty where that is nothing. */
export function receiptsChange(
  user: Row | undefined,
  userId: string,
  rows: readonly Row[],
  after: number,
  upTo: number,
  state: InboxState,
): PersonalChange[] {
  const within = rows.filter((row) => Number(row.rev) <= upTo);
  const moved = Number(user?.read_upto_rev ?? 0);
  const revs = within.map((row) => Number(row.rev));
  if (moved > after && moved <= upTo) revs.push(moved);
  if (revs.length === 0) return [];
  // The pages before this one left out what was to come with a later rev, so that all that ever came back is told.
  return [{ ...receiptsAt(Math.max(...revs), userId, within, 0, state), receipt: null }];
}

/** `from` is the first rev that who is told may have missed: what came back since is told whole, whatever was done with it then. */
function receiptsAt(rev: number, userId: string, rows: readonly Row[], from: number, state: InboxState): Change {
  const items = rows.map((row) => receiptOf(row, String(row.record_id), watermarkOf(row)));
  const hasReturned = (row: Row): boolean => row.body !== null && Number(row.asked_rev) >= from;
  const returned = rows.flatMap((row, i) => (hasReturned(row) ? [returnedFrame(row, items[i] as Receipt)] : []));
  const body = receiptsBody(userId, items, returned, state, Date.now());
  return personal(rev, receiptsRecordId(userId), 'receipts', [userTopic(userId)], body);
}

/** A notification as it stands on its return, whole. */
export const returnedFrame = (row: Row, receipt: Receipt): object => ({
  ...JSON.parse(String(row.body)),
  alert_rev: askedAt(row),
  receipt,
  rev: Number(row.record_rev),
});

const personal = (rev: number, id: string, kind: Change['kind'], topics: string[], body: string): Change => ({
  ...{ rev, id, kind, topics, body, audience: null, alertRev: 0, recount: false },
});

/** A shared topic that a user hears from now on, or not any more. */
export function audienceChange(row: Row, state: Pick<InboxState, 'counts' | 'asOf'>, at: number): Change {
  const topic = String(row.topic);
  const body = audienceBody(topic, row.left_rev === null ? 'topic_joined' : 'topic_left', state, at);
  return personal(
    Number(row.rev),
    audienceRecordId(topic),
    'audience',
    [userTopic(String(row.user_id)), rightsTopic],
    body,
  );
}

/** The users whom a range of revs told of receipts, watermarks or shared topics. */
export const usersIn = (...rows: readonly (readonly Row[])[]): string[] => [
  ...new Set(rows.flat().map((row) => String(row.user_id))),
];

/** The receipts of a range of revs, of all users, as a hub that missed the batch releases them: one frame a rev. */
export function receiptsInRange(
  from: number,
  receipts: readonly Row[],
  watermarks: readonly Row[],
  states: ReadonlyMap<string, InboxState>,
): Change[] {
  const frames = new Map<string, { userId: string; rev: number; rows: Row[] }>();
  const frameOf = (userId: string, rev: number) => {
    const key = `${rev} ${userId}`;
    const frame = frames.get(key) ?? { userId, rev, rows: [] };
    frames.set(key, frame);
    return frame;
  };
  for (const row of receipts) frameOf(String(row.user_id), Number(row.rev)).rows.push(row);
  for (const row of watermarks) frameOf(String(row.user_id), Number(row.read_upto_rev));
  return [...frames.values()].map(({ userId, rev, rows }) =>
    receiptsAt(rev, userId, rows, from, states.get(userId) as InboxState),
  );
}

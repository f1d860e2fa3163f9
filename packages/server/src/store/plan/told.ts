import type { Receipt } from '@tidings/protocol';
import { type InboxState, receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import type { Change } from '../../domain/ports.ts';
import { userTopic } from '../../domain/topics.ts';
import { audienceChange } from '../receipt-frames.ts';

/** A change that a batch itself brings about, and what its frame is made of when it is known how the user's inbox stands. */
export type Told =
  | { kind: 'change'; change: Change }
  | { kind: 'receipts'; rev: number; userId: string; at: number; items: Receipt[]; returned: object[] }
  | { kind: 'audience'; rev: number; userId: string; topic: string; isLeft: boolean; at: number };

/** The users whose inboxes the frames tell of. */
export const usersTold = (told: readonly Told[]): string[] => [
  ...new Set(told.flatMap((one) => (one.kind === 'change' ? [] : [one.userId]))),
];

/**
 * @param revOf the rev that one of the plan became
 * @param stateOf how a user's inbox stands, as of a rev that is not below those of the batch
 */
export function changeOf(
  told: Told,
  revOf: (planned: number) => number,
  stateOf: (userId: string) => InboxState,
): Change {
  if (told.kind === 'change') {
    const { change } = told;
    return { ...change, rev: revOf(change.rev), alertRev: revOf(change.alertRev) };
  }
  const { userId, at } = told;
  const [rev, state] = [revOf(told.rev), stateOf(userId)];
  if (told.kind === 'audience') {
    const row = { user_id: userId, topic: told.topic, rev, left_rev: told.isLeft ? rev : null };
    return audienceChange(row, state, at);
  }
  const moved = <T extends { alert_rev?: number }>(one: T): T =>
    one.alert_rev === undefined ? one : { ...one, alert_rev: revOf(one.alert_rev) };
  const returned = (told.returned as (Receipt & { rev: number; receipt: Receipt })[]).map((one) => ({
    ...{ ...moved(one), receipt: moved(one.receipt), rev: revOf(one.rev) },
  }));
  return {
    ...{ rev, id: receiptsRecordId(userId), kind: 'receipts', topics: [userTopic(userId)], audience: null },
    ...{ body: receiptsBody(userId, told.items.map(moved), returned, state, at), alertRev: 0, recount: false },
  };
}

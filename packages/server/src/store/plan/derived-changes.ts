import type { Receipt } from '@tidings/protocol';
import { type InboxState, receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import { userTopic } from '../../domain/topics.ts';
import type { Change } from '../../domain/writes.ts';
import { membershipChange } from '../receipt-frames.ts';

/** A change that follows from a batch's writes. The frames of receipts and memberships are made once the state of the user's inbox is known. */
export type DerivedChange =
  | { kind: 'change'; change: Change }
  | { kind: 'receipts'; rev: number; userId: string; at: number; items: Receipt[]; returned: object[] }
  | {
      kind: 'membership';
      rev: number;
      userId: string;
      topic: string;
      access: string | null;
      isLeft: boolean;
      at: number;
    };

/** The users whose inbox state is in the frames. */
export const usersInFrames = (derived: readonly DerivedChange[]): string[] => [
  ...new Set(derived.flatMap((one) => (one.kind === 'change' ? [] : [one.userId]))),
];

/**
 * @param revOf the rev that one of the plan became
 * @param stateOf how a user's inbox stands, as of a rev that is not below those of the batch
 */
export function changeOf(
  derived: DerivedChange,
  revOf: (planned: number) => number,
  stateOf: (userId: string) => InboxState,
): Change {
  if (derived.kind === 'change') {
    const { change } = derived;
    return { ...change, rev: revOf(change.rev), alertRev: revOf(change.alertRev) };
  }
  const { userId, at } = derived;
  const [rev, state] = [revOf(derived.rev), stateOf(userId)];
  if (derived.kind === 'membership') {
    const { topic, access, isLeft } = derived;
    const row = { user_id: userId, topic, access, rev, left_rev: isLeft ? rev : null };
    return membershipChange(row, state, at);
  }
  const moved = <T extends { alert_rev?: number }>(one: T): T =>
    one.alert_rev === undefined ? one : { ...one, alert_rev: revOf(one.alert_rev) };
  const returned = (derived.returned as (Receipt & { rev: number; receipt: Receipt })[]).map((one) => ({
    ...{ ...moved(one), receipt: moved(one.receipt), rev: revOf(one.rev) },
  }));
  return {
    ...{ rev, id: receiptsRecordId(userId), kind: 'receipts', topics: [userTopic(userId)], viewers: null },
    ...{ body: receiptsBody(userId, derived.items.map(moved), returned, state, at), alertRev: 0, recount: false },
  };
}

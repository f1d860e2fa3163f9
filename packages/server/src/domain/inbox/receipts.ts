import type { Receipt } from '@tidings/protocol';
import type { Counts } from '../store/inbox.ts';

export const receiptsRecordId = (userId: string): string => `receipts:${userId}`;
export const membershipRecordId = (topic: string): string => `audience:${topic}`;

/** One user's counts and watermark, and the rev as of which the counts are exact. */
export interface InboxState {
  counts: Counts;
  asOf: number;
  readUpto: number;
}

/** A count as frames carry it. */
export const countFields = (counts: Counts, asOf: number) => ({
  unread_count: counts.unread,
  categories: counts.categories,
  as_of: asOf,
});

/**
 * The frame that tells all devices of a user what the user did with notifications. `returned` are those whose snooze has
 * ended, whole, for devices that do not hold them.
 */
export function receiptsBody(
  userId: string,
  items: readonly Receipt[],
  returned: readonly object[],
  { counts, asOf, readUpto }: InboxState,
  at: number,
): string {
  return JSON.stringify({
    type: 'receipts',
    id: receiptsRecordId(userId),
    timestamp: new Date(at).toISOString(),
    items,
    ...(returned.length > 0 ? { returned } : {}),
    ...countFields(counts, asOf),
    read_upto: readUpto,
    data: {},
  });
}

/**
 * The frame that tells all devices of a user that a shared topic is theirs from now on, or is not any more. Of a room it says with which
 * right, and comes again when that is another one.
 */
export function membershipBody(
  { topic, access, isLeft }: { topic: string; access: string | null; isLeft: boolean },
  { counts, asOf }: Pick<InboxState, 'counts' | 'asOf'>,
  at: number,
): string {
  const timestamp = new Date(at).toISOString();
  return JSON.stringify({
    ...{ type: isLeft ? 'topic_left' : 'topic_joined', id: membershipRecordId(topic), timestamp, topic },
    ...(access === null || isLeft ? {} : { access }),
    ...{ ...countFields(counts, asOf), data: {} },
  });
}

import type { Receipt } from '@tidings/protocol';

export const receiptsRecordId = (userId: string): string => `receipts:${userId}`;

/**
 * The frame that tells all devices of a user what the user did with notifications.
 * A count that is not known is left out: the client keeps its own until the next.
 */
export function receiptsBody(
  userId: string,
  items: readonly Receipt[],
  counts: { unread_count: number | null; read_upto: number },
  at: number,
): string {
  const timestamp = new Date(at).toISOString();
  const { unread_count, read_upto } = counts;
  const count = unread_count === null ? {} : { unread_count };
  return JSON.stringify({
    type: 'receipts',
    id: receiptsRecordId(userId),
    timestamp,
    items,
    ...count,
    read_upto,
    data: {},
  });
}

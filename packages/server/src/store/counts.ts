import { isRoomTopic } from '../domain/rooms.ts';
import type { Counts } from '../domain/store/inbox.ts';
import { isShared } from '../domain/topics.ts';
import { step } from './steps.ts';
import type { CountRow } from './unread-statements.ts';

/**
 * The rev past which a user without a membership sees a topic: 0 if it is the user's own, none if it is shared or a room's.
 *
 * @param granted rooms that the user may see without a membership
 */
export const defaultStartOf = (topic: string, granted: readonly string[] = []): number | null =>
  isShared(topic) || (isRoomTopic(topic) && !granted.includes(topic)) ? null : 0;

/**
 * The statements that count what is unread for one user: the own topic's counts are stored, and the shared topics of the user's
 * memberships are counted in the same snapshot.
 */
export const countSteps = (userId: string) =>
  [
    ...[step('ownCounts', { userId }), step('sharedFirst', { userId }), step('sharedLater', { userId })],
    ...[step('sharedHandled', { userId }), step('sharedBelow', { userId })],
  ] as const;

/** The sum of the rows of `countSteps`. */
export function countsOf(found: readonly (readonly CountRow[])[]): Counts {
  // No object while it is counted: a category may have any name, as `constructor`.
  const categories = new Map<string, number>();
  let unread = 0;
  for (const { category, n } of found.flat()) {
    unread += n;
    if (category !== '') categories.set(category, (categories.get(category) ?? 0) + n);
  }
  return { unread, categories: Object.fromEntries([...categories].filter(([, n]) => n > 0)) };
}

import type { Counts } from '../domain/ports.ts';
import { isShared } from '../domain/topics.ts';
import type { ReadStep, Row } from './engine.ts';

/** What holds on a topic without an audience record: all of it where it is the user's own, nothing where it is shared. */
export const openOf = (topic: string): number | null => (isShared(topic) ? null : 0);

/**
 * The statements that count what is unread for one user: the own topic's counts are kept, those of the shared ones that the user hears
 * in the same snapshot are counted.
 */
export const countSteps = (userId: string): ReadStep[] => [
  { name: 'ownCounts', params: [userId] },
  { name: 'sharedAbove', params: [userId, userId, userId, userId, userId] },
  { name: 'sharedBelow', params: [userId] },
];

/** What rows of `countSteps` add up to. */
export function countsOf(found: readonly Row[][]): Counts {
  const categories: Record<string, number> = {};
  let unread = 0;
  for (const { category, n } of found.flat()) {
    unread += Number(n);
    if (category !== '' && Number(n) > 0)
      categories[String(category)] = (categories[String(category)] ?? 0) + Number(n);
  }
  return { unread, categories };
}

import type { Clock } from './ports.ts';

/**
 * Waits for work, at most so many ms: then it resolves with what `late` gives, or rejects with what that throws. What becomes of the work later
 * is nobody's concern.
 */
export async function inTime<T, L>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<T>,
  late: () => L,
): Promise<T | L> {
  const limit = Promise.withResolvers<void>();
  const stopWaiting = clock.after(ms, limit.resolve);
  try {
    return await Promise.race([work, limit.promise.then(late)]);
  } finally {
    stopWaiting();
  }
}

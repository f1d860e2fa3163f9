import { reasonOf, type TaskReport } from '@tidings/protocol';
import type { Ending } from '../../tasks/task-queue.ts';

/**
 * The task is done. A result that cannot be kept fails it for good: its work has been done, and would be done twice.
 *
 * @param read makes JSON of the result; throws if it cannot
 */
export function completed(returned: unknown, read: (value: unknown, what: string) => unknown): Ending {
  try {
    return { report: { status: 'completed', result: read(returned, 'result') }, isFinal: false };
  } catch (error) {
    return unstorable(error);
  }
}

/** The end of a task whose result cannot be stored. */
export const unstorable = (error: unknown): Ending => ({
  report: { status: 'failed', error: reasonOf(`the work is done, but its result is lost: ${reasonOf(error)}`) },
  isFinal: true,
});

/** The task was given another name while it was queued, and nothing here runs that. */
export const withoutHandler = (name: string | null): Ending => ({
  report: { status: 'failed', error: `no task named "${name ?? ''}" is defined by the server that began it` },
  isFinal: false,
});

/** The input that was stored does not fit what the handler takes by now: another attempt would not help. */
export const unfit = (error: unknown): Ending => ({
  report: { status: 'failed', error: reasonOf(error) },
  isFinal: true,
});

/** The attempt took longer than it may, ms. */
export const timedOut = (ms: number): Ending => ({
  report: { status: 'failed', error: `it took longer than the ${ms / 1_000} s that one attempt may take` },
  isFinal: false,
});

/** The handler has thrown, whatever it was. */
export function failed(thrown: unknown): Ending {
  return { report: { status: 'failed', error: reasonOf(thrown) }, isFinal: isMarkedFinal(thrown) };
}

/** The handler has stopped because it was asked to. What it says of where that left its work is the last message. */
export function cancelled(thrown: unknown, reason: unknown): Ending {
  const isOwnWord = thrown !== reason && isPlainError(thrown);
  const report: TaskReport = { status: 'cancelled', message: (isOwnWord && reasonOf(thrown)) || 'Cancelled' };
  return { report, isFinal: thrown !== reason && isMarkedFinal(thrown) };
}

/** An error that is not merely the abort passed on. */
function isPlainError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error && thrown.name !== 'AbortError' && thrown.message !== '';
  } catch {
    return false;
  }
}

function isMarkedFinal(thrown: unknown): boolean {
  try {
    return (thrown as { retryable?: unknown } | null | undefined)?.retryable === false;
  } catch {
    return false;
  }
}

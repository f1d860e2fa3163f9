import type { TaskReport } from './wire/tasks.ts';

/** True for a report of progress alone. Such reports may be merged, transitions never. */
export const isProgress = (report: TaskReport): boolean =>
  (report.status === undefined || report.status === 'processing') &&
  report.restart !== true &&
  report.error === undefined;

/**
 * Merges a later report into an earlier one that is not stored yet, field by field.
 *
 * @returns null if both must be stored, one after the other
 */
export function mergeReports(earlier: TaskReport, later: TaskReport): TaskReport | null {
  if (!isProgress(earlier) || !isProgress(later) || !areComparable(earlier, later)) return null;
  return isInOrder(earlier, later) ? { ...earlier, ...defined(later) } : earlier;
}

const ends = new Set<TaskReport['status']>(['completed', 'failed', 'cancelled']);

/** True for the status of a task that has ended. */
export const hasEnded = (status: TaskReport['status']): boolean => ends.has(status);

/**
 * Merges progress into the end of the same attempt, so that the end need not wait for it. The task must be known to be at
 * work: the first report that says "processing" is a transition.
 *
 * @returns null if the result would differ from that of the two reports one after the other
 */
export function mergeIntoEnd(progress: TaskReport, end: TaskReport, isAtWork: boolean): TaskReport | null {
  if (!hasEnded(end.status) || end.restart === true || !isProgress(progress)) return null;
  if (!areComparable(progress, end) || !isInOrder(progress, end)) return null;
  if (progress.status !== undefined && !isAtWork) return null;
  // The server uses a failure's message as its error, and derives no progress from the step of a task that did not complete.
  if (end.status === 'failed' && end.error === undefined && end.message === undefined) return null;
  const hasProgress = progress.step_number === undefined || progress.progress !== undefined;
  if (end.status !== 'completed' && end.progress === undefined && !hasProgress) return null;
  return { ...progress, ...defined(end) };
}

const areComparable = (earlier: TaskReport, later: TaskReport): boolean =>
  earlier.attempt === later.attempt && (earlier.seq === undefined) === (later.seq === undefined);

const isInOrder = (earlier: TaskReport, later: TaskReport): boolean =>
  earlier.seq === undefined || later.seq === undefined || later.seq > earlier.seq;

const defined = (report: TaskReport): TaskReport =>
  Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined));

import type { TaskReport } from '@tidings/protocol';

/** Whether a report only tells how far a task has come: those may be merged, transitions never. */
export const isProgress = (report: TaskReport): boolean =>
  (report.status === undefined || report.status === 'processing') &&
  report.restart !== true &&
  report.error === undefined;

/**
 * Merges a later report into an earlier one that is not committed yet, field by field;
 * null where the two must both be stored, one after the other.
 */
export function mergeReports(earlier: TaskReport, later: TaskReport): TaskReport | null {
  if (!isProgress(earlier) || !isProgress(later)) return null;
  if (earlier.attempt !== later.attempt) return null;
  if ((earlier.seq === undefined) !== (later.seq === undefined)) return null;
  const inOrder = earlier.seq === undefined || later.seq === undefined || later.seq > earlier.seq;
  return inOrder ? { ...earlier, ...defined(later) } : earlier;
}

const defined = (report: TaskReport): TaskReport =>
  Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined));

import { mergeIntoEnd, mergeReports, type Task, type TaskReport } from '@tidings/protocol';
import { host } from '../host/node.ts';
import type { Change } from './change-line.ts';
import { readTask } from './readers.ts';

interface ReportChange extends Change<Task> {
  report: TaskReport;
}

/** A report on a task, to be sent to `path`. While it waits, later ones take it in, and an end of the task does so too. */
export function reportChange(path: string, input: TaskReport): Change<Task> {
  const report = { ...input, idempotency_key: input.idempotency_key ?? host.randomId() };
  const change: ReportChange = {
    call: { method: 'PATCH', path, body: JSON.stringify(report) },
    key: report.idempotency_key,
    read: readTask,
    report,
    mergedWith(earlier, before) {
      if (!isReport(earlier)) return null;
      const isAtWork = before !== null && isReport(before) && before.report.status === 'processing';
      const merged = mergeReports(earlier.report, report) ?? mergeIntoEnd(earlier.report, report, isAtWork);
      return merged && reportChange(path, merged);
    },
  };
  return change;
}

const isReport = (change: Change<Task>): change is ReportChange => 'report' in change;

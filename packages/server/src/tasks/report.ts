import { hasEnded, type TaskReport, type TaskStatus, TidingsError } from '@tidings/protocol';
import { formerOf } from './people.ts';
import { newTask, type TaskState } from './task.ts';

/**
 * Applies a report to a task. Returns the same object if nothing changes (the report is older than the task's state).
 * Throws `conflict` if the task has ended and the report does not begin it anew.
 */
export function applyReport(before: TaskState | null, taskId: string, report: TaskReport, now: number): TaskState {
  if (before === null) {
    const created = { ...newTask(taskId, now), ...(report.attempt ? { attempt: report.attempt } : {}) };
    return { ...withReport(created, report, now), former: [] };
  }
  if (isOlder(before, report)) return before;
  if (!hasEnded(before.status)) return withReport(before, report, now);
  if (beginsAnew(before, report)) return withReport(nextAttempt(before, report.attempt, now), report, now);
  if (report.status === undefined || report.status === before.status) {
    if (isRepeat(before, report)) return before;
  }
  throw new TidingsError(
    'conflict',
    `task ${taskId} is ${before.status} already; report "queued" or "processing"${before.status === 'failed' ? '' : ' with "restart": true'} to begin attempt ${before.attempt + 1}`,
  );
}

/** A report that was sent before the newest one: another's place in the order of attempts and steps. */
function isOlder(before: TaskState, report: TaskReport): boolean {
  if (report.attempt !== undefined && report.attempt < before.attempt) return true;
  if (report.seq === undefined || before.seq === null) return false;
  return (report.attempt ?? before.attempt) === before.attempt && report.seq <= before.seq;
}

function beginsAnew(before: TaskState, report: TaskReport): boolean {
  const begins = report.status === 'queued' || report.status === 'processing';
  return begins && (before.status === 'failed' || report.restart === true);
}

/** True for an end that is reported again, as by a worker that did not get the answer. */
const isRepeat = (before: TaskState, report: TaskReport): boolean =>
  (report.status === before.status || report.status === undefined) &&
  (report.result === undefined || JSON.stringify(report.result) === JSON.stringify(before.result)) &&
  (report.error === undefined || report.error === before.error);

/** A task begun once more: what was asked and decided before counts no longer. */
export function nextAttempt(before: TaskState, attempt: number | undefined, now: number): TaskState {
  const next = newTask(before.task_id, now);
  const { name, owner, followers, former } = before;
  const run = before.run && { ...before.run, claim: null, interruptions: 0, failures: 0, isFinal: false };
  const kept = { name, owner, followers, former, run };
  return {
    ...{ ...next, ...kept, total_steps: before.total_steps, created_at: before.created_at, data: before.data },
    attempt: Math.max(before.attempt + 1, attempt ?? 0),
  };
}

/** Takes a report's fields over a task that has not ended. */
function withReport(before: TaskState, report: TaskReport, now: number): TaskState {
  const at = new Date(now).toISOString();
  const status = report.status ?? statusFrom(before, report);
  const attempt = Math.max(before.attempt, report.attempt ?? 0);
  const progress = report.progress ?? progressFrom(before, report, status);
  const people = {
    owner: report.owner === undefined ? before.owner : String(report.owner),
    followers: report.followers === undefined ? before.followers : report.followers.map(String),
    isPlaceholder: false,
  };
  return {
    ...before,
    name: report.name ?? before.name,
    ...people,
    former: formerOf(before, people),
    status,
    attempt,
    message: report.message ?? before.message,
    progress: status === 'completed' ? 100 : progress,
    step: report.step ?? before.step,
    step_number: report.step_number ?? before.step_number,
    total_steps: report.total_steps ?? before.total_steps,
    result: report.result === undefined ? before.result : report.result,
    error: status === 'failed' ? (report.error ?? report.message ?? before.error ?? 'The task failed') : null,
    data: report.data ?? before.data,
    run_at: status === 'queued' ? before.run_at : null,
    started_at: before.started_at ?? (status === 'queued' ? null : at),
    ended_at: hasEnded(status) ? at : null,
    updated_at: at,
    seq: report.seq ?? (attempt === before.attempt ? before.seq : null),
  };
}

/** A report without a status is a sign of work: it takes a queued task to processing. */
function statusFrom(before: TaskState, report: TaskReport): TaskStatus {
  const working = report.progress !== undefined || report.step !== undefined || report.step_number !== undefined;
  return before.status === 'queued' && working ? 'processing' : before.status;
}

/** Steps that are reported without a percentage still move the bar: the steps before this one are done. */
function progressFrom(before: TaskState, report: TaskReport, status: TaskStatus): number {
  const { step_number: step = 0 } = report;
  const total = report.total_steps ?? before.total_steps;
  if (step === 0 || total === 0 || hasEnded(status)) return before.progress;
  return Math.max(before.progress, Math.round((100 * Math.min(step - 1, total)) / total));
}

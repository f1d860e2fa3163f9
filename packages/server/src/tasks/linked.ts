import { hasEnded, type LinkedTask, TidingsError } from '@tidings/protocol';
import type { StoredRecord } from '../domain/store/records.ts';
import { userPrefix } from '../domain/topics.ts';
import type { PutWrite } from '../domain/writes.ts';
import { newTask, type TaskState } from './task.ts';

/** The news of a task for its linked notifications. */
interface TaskNews {
  task: LinkedTask;
  /** Linked notifications with questions that nobody can answer any more. */
  closed: readonly string[];
}

/** The notifications that are linked to tasks, as tasks need them. */
export interface LinkedNotifications {
  /** A notification that is about to be published, showing the task. */
  create(write: PutWrite, task: LinkedTask): PutWrite;
  /** The next version of a notification, conditional on its present one. */
  next(record: StoredRecord, news: TaskNews): PutWrite;
}

/** The task as linked notifications show it: made of its state alone. */
export function linkedTask(state: TaskState): LinkedTask {
  const { task_id, status, message, progress, step, step_number, total_steps, attempt, cancel_requested } = state;
  return {
    ...{ task_id, status, message, progress, step, step_number, total_steps, attempt, eta: etaOf(state) },
    ...{ cancel_requested, can_retry: canRetry(state) },
    ...(status === 'completed' ? { result: state.result } : {}),
    ...(status === 'failed' ? { error: state.error ?? '' } : {}),
    ended_at: state.ended_at,
  };
}

/** When it may be done, if it goes on as it has from its beginning to its newest report; null where that is not known. */
function etaOf({ status, progress, started_at, updated_at }: TaskState): string | null {
  if (status !== 'processing' || started_at === null || progress < 1 || progress > 99) return null;
  const began = Date.parse(started_at);
  const passed = Date.parse(updated_at) - began;
  return passed > 0 ? new Date(Math.round(began + (100 * passed) / progress)).toISOString() : null;
}

/** True if this server has what it takes to run it once more. */
export const canRetry = ({ status, run }: TaskState): boolean =>
  run !== null && !run.isFinal && (status === 'failed' || status === 'cancelled');

/** The questions that are still open when a task ends. */
export function leftOpen(before: TaskState | null, after: TaskState): string[] {
  if (!hasEnded(after.status) || before === null || hasEnded(before.status)) return [];
  return after.questions.filter(({ answer }) => answer === null).map(({ notification }) => notification);
}

/** The most notifications that may be linked to one task: each change of it is a change of all of them. */
const linksAtMost = 100;

/** Throws `conflict` where no more can be linked to a task. */
export function checkLinks(taskId: string, count: number): void {
  if (count < linksAtMost) return;
  const message = `${linksAtMost} notifications are linked to task ${taskId} already; retract some of them, or leave out "task_id"`;
  throw new TidingsError('conflict', message);
}

/**
 * A task that is known only because a notification names it. It belongs to that notification's recipient, if it has one: who guesses its id learns
 * nothing before a report says whose it is.
 */
export function placeholderTask(taskId: string, recipients: readonly string[], now: number): TaskState {
  const [only] = recipients;
  const isOne = recipients.length === 1 && only?.startsWith(userPrefix);
  const owner = isOne ? (only?.slice(userPrefix.length) ?? null) : null;
  return { ...newTask(taskId, now), isPlaceholder: true, owner };
}

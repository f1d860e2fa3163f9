import { hasEnded, TidingsError } from '@tidings/protocol';
import { canRetry } from './linked.ts';
import { nextAttempt } from './report.ts';
import type { TaskState } from './task.ts';

/** The most restarts that may interrupt a task at work, before the task itself is taken for the reason and given up. */
const interruptionsAtMost = 3;

/** The message of a task that waits to be begun again. */
const interruptedMessage = 'Interrupted; starting again';

/** The state of a queued task whose handler begins, under a claim. */
export function begun(before: TaskState, claim: string, now: number): TaskState {
  const at = new Date(now).toISOString();
  // The reason for which the last attempt has failed is told until this one begins.
  const isRetry = before.run !== null && before.run.failures > 0 && before.run_at !== null;
  const message = isRetry || before.message === interruptedMessage ? '' : before.message;
  const run = before.run && { ...before.run, claim };
  return { ...before, status: 'processing', message, run_at: null, started_at: at, updated_at: at, run };
}

/** The state of a task after an attempt has failed and another is to follow, at a time. */
export function failedAttempt(before: TaskState, error: string, now: number, pauseMs: number): TaskState {
  const next = nextAttempt(before, undefined, now);
  const failures = (before.run?.failures ?? 0) + 1;
  return {
    ...{ ...next, run: next.run && { ...next.run, failures }, run_at: new Date(now + pauseMs).toISOString() },
    message: `Attempt ${before.attempt} failed: ${error}`,
  };
}

/** Begins a task of this server's own once more, with the input it was given first. One that is under way stays as it is. */
export function retried(before: TaskState, now: number): TaskState {
  if (!hasEnded(before.status)) return before;
  if (!canRetry(before)) {
    const ended = before.run?.isFinal ? 'what ended it would end it again' : `it is ${before.status}`;
    const reason = before.run ? ended : 'something else than this server runs it';
    throw new TidingsError('conflict', `task ${before.task_id} cannot be begun again here: ${reason}`);
  }
  return nextAttempt(before, undefined, now);
}

/** The state of a task after the process that ran it has died: it is begun again, and continues with its questions. */
export function interrupted(before: TaskState, now: number): TaskState {
  if (!before.run || (before.status !== 'processing' && before.status !== 'waiting')) return before;
  const at = new Date(now).toISOString();
  // Waiting for a person is no reason to be given up, however many restarts that takes.
  const interruptions = before.run.interruptions + (before.status === 'processing' ? 1 : 0);
  const common = { ...before, updated_at: at, run: { ...before.run, claim: null, interruptions } };
  if (before.cancel_requested) return { ...common, status: 'cancelled', message: 'Cancelled', ended_at: at };
  if (interruptions >= interruptionsAtMost) {
    const error = `Each of ${interruptionsAtMost} attempts was interrupted: its server stopped, or was not heard for too long`;
    return { ...common, status: 'failed', ended_at: at, error };
  }
  return {
    ...{ ...common, status: 'queued', attempt: before.attempt + 1, message: interruptedMessage, started_at: null },
    ...{ progress: 0, step: null, step_number: 0 },
  };
}

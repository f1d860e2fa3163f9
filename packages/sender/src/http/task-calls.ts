import type { Clock } from '../clock.ts';
import type { Task } from '../wire.ts';
import { type BackoffOptions, backoffMs, pause } from './backoff.ts';
import type { Call, Exchange } from './exchange.ts';
import type { Failure } from './failure.ts';
import { type Outcome, Pending } from './pending.ts';

export interface TaskCallsOptions {
  exchange: Exchange;
  clock: Clock;
  backoff: BackoffOptions;
  timeoutMs: number;
}

/** Reads a task as the server answers; null where it is not one. */
export function readTask(body: unknown): Task | null {
  const task = body as Partial<Task> | null;
  return typeof task?.task_id === 'string' ? (task as Task) : null;
}

/** Makes the calls about one task one after the other, each until it is answered or late; calls about others go on. */
export class TaskCalls {
  readonly #options: TaskCallsOptions;
  /** By task: when the last call about it is through, and why the one under way is not. */
  readonly #tasks = new Map<string, { last: Promise<void>; failure: Failure | null }>();

  constructor(options: TaskCallsOptions) {
    this.#options = options;
  }

  /** @param taskId null for a task that has no id yet, which waits for nothing */
  make(taskId: string | null, call: Call, key: string): Promise<Outcome<Task>> {
    const { clock, timeoutMs } = this.#options;
    if (taskId === null) {
      const pending = new Pending<Task>(clock, timeoutMs, key, () => null);
      void this.#attempts(call, pending, () => {});
      return pending.promise;
    }
    const task = this.#tasks.get(taskId) ?? { last: Promise.resolve(), failure: null };
    const pending = new Pending<Task>(clock, timeoutMs, key, () => task.failure);
    const through = task.last.then(() =>
      this.#attempts(call, pending, (failure) => {
        task.failure = failure;
      }),
    );
    task.last = through;
    this.#tasks.set(taskId, task);
    void through.then(() => {
      if (task.last === through) this.#tasks.delete(taskId);
    });
    return pending.promise;
  }

  async #attempts(call: Call, pending: Pending<Task>, tell: (failure: Failure | null) => void): Promise<void> {
    const { exchange, clock, backoff } = this.#options;
    const stop = new AbortController();
    void pending.promise.then(() => stop.abort());
    while (!pending.settled) {
      pending.sent();
      const answer = await exchange(call, readTask, stop.signal);
      tell(answer.ok ? null : answer.failure);
      if (answer.ok) pending.succeed(answer.value);
      else {
        pending.attemptFailed(answer.failure);
        const ms = Math.max(answer.failure.retryAfterMs, backoffMs(pending.attempts, backoff));
        if (!pending.settled) await pause(ms, clock, stop.signal);
      }
    }
  }
}

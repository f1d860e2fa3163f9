import type { Task, TaskFilter, TaskPage, TaskReport, TaskStart, TidingsError } from '@tidings/protocol';
import type { Waits } from './answers/waits.ts';
import { checkInput } from './check-input.ts';
import type { Clock } from './clock.ts';
import type { Id } from './named/functions.ts';
import type { NeverThrow } from './never-throw.ts';
import type { SenderPort } from './port.ts';
import { watchTask } from './watch-task.ts';

/** Tasks, by their ids. */
export interface Tasks {
  /** Begins a task; without `task_id` the server makes one. @throws TidingsError */
  start(start: TaskStart): Promise<Task>;
  /** Reports on a task, and creates one that is not known yet. Reports on one task take effect in order. @throws TidingsError */
  report(taskId: Id, report: TaskReport): Promise<Task>;
  /** @throws TidingsError, `not_found` for one that is not known */
  get(taskId: Id): Promise<Task>;
  /**
   * Lists tasks, the newest change first: a page of at most `limit` (1 to 100, default 20). Its `next_before` is the `before` of
   * the next page, and null on the last.
   *
   * @throws TidingsError
   */
  list(filter?: TaskFilter): Promise<TaskPage>;
  /**
   * Calls `onChange` with the task as it is, and with each newer state, of which those that come within 100 ms count as one.
   * Resolves with the task when it has ended. Failures that end by themselves are logged, and the watch goes on.
   *
   * @param options `signal` ends it before: it then rejects with the signal's reason
   * @throws TidingsError, `not_found` for one that is not known; or what `onChange` throws
   */
  watch(taskId: Id, onChange: (task: Task) => void, options?: { signal?: AbortSignal }): Promise<Task>;
  /** Asks a task to stop. One that has ended stays as it is. @throws TidingsError */
  cancel(taskId: Id): Promise<Task>;
  /**
   * Begins a task of the server's own again, which has failed or was cancelled. One that is under way stays as it is.
   *
   * @throws TidingsError, `conflict` for one that something else runs
   */
  retry(taskId: Id): Promise<Task>;
}

export interface TaskParts {
  port: SenderPort;
  neverThrow: NeverThrow;
  waits: Waits;
  clock: Clock;
}

export function tasksApi({ port, neverThrow, waits, clock }: TaskParts): Tasks {
  return {
    async start(start) {
      checkInput(start, 'tasks.start');
      return port.startTask(start);
    },
    async report(taskId, report) {
      checkInput(report, 'tasks.report');
      return port.reportTask(String(taskId), report);
    },
    get: async (taskId) => port.getTask(String(taskId), { after: null, waitMs: 0 }),
    list: async (filter = {}) => port.listTasks(filter),
    async watch(taskId, onChange, { signal } = {}) {
      const onFailure = (error: TidingsError) => neverThrow.report('tasks.watch', error);
      return watchTask({ port, waits, clock, onFailure }, String(taskId), onChange, signal);
    },
    cancel: async (taskId) => port.cancelTask(String(taskId)),
    retry: async (taskId) => port.retryTask(String(taskId)),
  };
}

import {
  hasEnded,
  type Task,
  type TaskFilter,
  type TaskLogLevel,
  type TaskLogPage,
  type TaskPage,
  type TaskReport,
  type TaskStart,
  type TidingsError,
} from '@tidings/protocol';
import type { Waits } from './answers/waits.ts';
import { checkInput } from './check-input.ts';
import type { Clock } from './clock.ts';
import type { Id } from './named/functions.ts';
import type { NeverThrow } from './never-throw.ts';
import type { SenderPort } from './port.ts';
import type { TaskLogOptions, TaskLogs } from './task-logs.ts';
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
  /**
   * Adds a line to the log of a task, and resolves when it is stored. Need not be awaited: what is added within 50 ms is sent together, in order, and
   * before an end of the task that is reported later.
   * @throws TidingsError `not_found` for a task that nobody has begun, `conflict` for one that has ended and for an attempt that is over, `payload_too_large` past 64 KiB
   */
  log(taskId: Id, line: string, options?: TaskLogOptions): Promise<void>;
  /** The same for a part of a text that goes on with the next chunk, as the output of a program comes. Of any length. @throws TidingsError, as `log` */
  stream(taskId: Id, chunk: string, options?: TaskLogOptions): Promise<void>;
  /** Reads the log, oldest first, 100 entries by default. @throws TidingsError */
  readLog(taskId: Id, query?: { after?: number; limit?: number; level?: TaskLogLevel }): Promise<TaskLogPage>;
}

export interface TaskParts {
  port: SenderPort;
  logs: TaskLogs;
  neverThrow: NeverThrow;
  waits: Waits;
  clock: Clock;
}

export function tasksApi({ port, logs, neverThrow, waits, clock }: TaskParts): Tasks {
  return {
    async start(start) {
      checkInput(start, 'tasks.start');
      return port.startTask(start);
    },
    async report(taskId, report) {
      checkInput(report, 'tasks.report');
      const id = String(taskId);
      const waiting = logs.before(id, hasEnded(report.status));
      if (!waiting) return port.reportTask(id, report);
      // Callers may change what they handed over.
      const copy = JSON.parse(JSON.stringify(report)) as TaskReport;
      await waiting;
      return port.reportTask(id, copy);
    },
    get: async (taskId) => port.getTask(String(taskId), { after: null, waitMs: 0 }),
    list: async (filter = {}) => port.listTasks(filter),
    async watch(taskId, onChange, { signal } = {}) {
      const onFailure = (error: TidingsError) => neverThrow.report('tasks.watch', error);
      return watchTask({ port, waits, clock, onFailure }, String(taskId), onChange, signal);
    },
    cancel: async (taskId) => port.cancelTask(String(taskId)),
    retry: async (taskId) => port.retryTask(String(taskId)),
    log: async (taskId, line, options) => logs.line(String(taskId), line, options ?? {}),
    stream: async (taskId, chunk, options) => logs.chunk(String(taskId), chunk, options ?? {}),
    readLog: async (taskId, query = {}) => port.taskLog(String(taskId), query),
  };
}

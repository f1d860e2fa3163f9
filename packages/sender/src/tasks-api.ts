import type { Task, TaskReport, TaskStart } from '@tidings/protocol';
import { checkInput } from './check-input.ts';
import type { Id } from './named/functions.ts';
import type { SenderPort } from './port.ts';

/** Tasks, by their ids. */
export interface Tasks {
  /** Begins a task; without `task_id` the server makes one. @throws TidingsError */
  start(start: TaskStart): Promise<Task>;
  /** Reports on a task, and creates one that is not known yet. Reports on one task take effect in order. @throws TidingsError */
  report(taskId: Id, report: TaskReport): Promise<Task>;
  /** @throws TidingsError, `not_found` for one that is not known */
  get(taskId: Id): Promise<Task>;
  /** Asks a task to stop. @throws TidingsError */
  cancel(taskId: Id): Promise<Task>;
}

export function tasksApi(port: SenderPort): Tasks {
  return {
    async start(start) {
      checkInput(start, 'tasks.start');
      return port.startTask(start);
    },
    async report(taskId, report) {
      checkInput(report, 'tasks.report');
      return port.reportTask(String(taskId), report);
    },
    get: async (taskId) => port.getTask(String(taskId)),
    cancel: async (taskId) => port.cancelTask(String(taskId)),
  };
}

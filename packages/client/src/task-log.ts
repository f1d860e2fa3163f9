import type { TidingsClient } from './client.ts';
import type { TaskLogSnapshot } from './task-logs/task-log-store.ts';
import { TaskLogs } from './task-logs/task-logs.ts';

export type { TaskLogSnapshot } from './task-logs/task-log-store.ts';

/** The log of a task that is followed, through reconnections, until `close()`: each entry once, in order, from the first. */
export interface TaskLog {
  readonly taskId: string;
  getSnapshot(): TaskLogSnapshot;
  /** Calls the listener after changes: at once, then at most once in 16 ms. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Ends it: this object changes no more. */
  close(): void;
}

/** The logs of each client. */
const logsOf = new WeakMap<TidingsClient, TaskLogs>();

/**
 * Follows a task and its log. May be called before connecting, before the task begins, and as often as wanted: all on one client share what
 * is held. Of a task that this user may not read nothing comes.
 */
export function taskLog(client: TidingsClient, taskId: string): TaskLog {
  const logs = logsOf.get(client) ?? new TaskLogs(client);
  logsOf.set(client, logs);
  const store = logs.open(taskId);
  const offs = new Set<() => void>();
  /** Its last snapshot, once it is closed. */
  let last: TaskLogSnapshot | null = null;
  return {
    taskId,
    getSnapshot: () => last ?? store.getSnapshot(),
    onChange(listener) {
      const off = last ? () => {} : store.onChange(listener);
      offs.add(off);
      return off;
    },
    close() {
      if (last) return;
      last = store.getSnapshot();
      for (const off of offs) off();
      logs.release(store);
    },
  };
}

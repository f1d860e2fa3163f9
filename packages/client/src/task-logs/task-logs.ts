import type { TidingsClient } from '../client.ts';
import { TaskLogStore } from './task-log-store.ts';

/** The logs of tasks that a client follows. */
export class TaskLogs {
  readonly #client: TidingsClient;
  readonly #logs = new Map<string, TaskLogStore>();
  /** The user who was greeted last. */
  #userId: string | undefined;
  #isConnected: boolean;

  constructor(client: TidingsClient) {
    this.#client = client;
    this.#userId = client.state.user?.id;
    this.#isConnected = client.state.status === 'connected';
    client.on('task_log', ({ task_id, entries }) => this.#logs.get(task_id)?.put(entries));
    client.on('connection_established', ({ user_id, recovered }) => {
      const isOther = (this.#userId ?? user_id) !== user_id;
      this.#userId = user_id;
      if (isOther || !recovered) for (const log of this.#logs.values()) log.clear();
    });
    client.onState(({ status }) => {
      const isNew = status === 'connected' && !this.#isConnected;
      this.#isConnected = status === 'connected';
      if (isNew) for (const log of this.#logs.values()) log.follow();
    });
  }

  open(taskId: string): TaskLogStore {
    const log = this.#logs.get(taskId) ?? new TaskLogStore(taskId, this.#client);
    this.#logs.set(taskId, log);
    if (log.users++ === 0 && this.#isConnected) log.follow();
    return log;
  }

  release(log: TaskLogStore): void {
    if (--log.users > 0) return;
    this.#logs.delete(log.taskId);
    log.end();
  }
}

import { droppedEntry } from '../domain/dropped-log.ts';
import type { TaskLogStore } from '../domain/store/task-logs.ts';

const atOnce = 100;

/** Removes what is old from the logs of tasks, a bounded part at each step. One entry stays in its place, so that numbers go on. */
export class TaskLogRetention {
  readonly #store: TaskLogStore;
  readonly #ageMs: number;

  constructor(store: TaskLogStore, ageMs: number) {
    this.#store = store;
    this.#ageMs = ageMs;
  }

  /** @param now epoch milliseconds */
  async step(now: number): Promise<void> {
    const before = now - this.#ageMs;
    for (const task of await this.#store.oldTaskLogs(before, atOnce)) {
      const range = await this.#store.oldOfTaskLog(task, before);
      if (range) await this.#store.dropFromTaskLog(task, range, droppedEntry(range, 'they were too old', now));
    }
  }
}

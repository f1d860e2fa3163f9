import type { Changes } from '../../domain/changes.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Change } from '../../domain/writes.ts';
import { reportOf, taskIdOf } from '../../tasks/record.ts';
import type { TaskState } from '../../tasks/task.ts';

/** The time for which a queued task is left to the process that queued it, ms. */
const headStartMs = 1_000;

interface QueuedTasksParts {
  watch: Changes;
  clock: Clock;
  /** A task is queued, and nobody has begun it for a second. */
  onQueued(task: Pick<TaskState, 'task_id' | 'name' | 'run_at'>): unknown;
  /** A task is not queued any more. */
  onTaken(taskId: string): void;
  /** A run of a task has ended. */
  onEnded(change: Change): void;
}

/** The tasks that are queued, by whatever process. */
export class QueuedTasks {
  readonly #parts: QueuedTasksParts;
  /** Ends the wait for a task to be begun, by its record's id. */
  readonly #waiting = new Map<string, () => void>();
  readonly #stopListening: () => void;

  constructor(parts: QueuedTasksParts) {
    this.#parts = parts;
    this.#stopListening = parts.watch.listen('task', (change) => change && this.#changed(change));
  }

  stop(): void {
    this.#stopListening();
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #changed(change: Change): void {
    const { id, status } = change;
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
    const isAtWork = status === 'processing' || status === 'waiting';
    if (!isAtWork && (status !== 'queued' || reportOf(change).attempt > 1)) this.#parts.onEnded(change);
    if (status !== 'queued') {
      this.#parts.onTaken(taskIdOf(id));
      return;
    }
    const offer = () => {
      this.#waiting.delete(id);
      const { task_id, name = '', run_at = null } = reportOf(change);
      this.#parts.onQueued({ task_id, name, run_at });
    };
    this.#waiting.set(id, this.#parts.clock.after(headStartMs, offer));
  }
}

import type { Clock } from '../../domain/ports.ts';
import type { TaskState } from '../../tasks/task.ts';
import type { TaskLimit } from '../../tasks/task-queue.ts';
import type { TaskDefinitions } from '../task-definitions.ts';

/** A task that may be begun. */
export interface BacklogTask {
  readonly id: string;
  readonly name: string;
  /** Its name and key, once it is known that they have a limit; empty till then. */
  kind: string;
}

export interface TaskBacklogParts {
  definitions: TaskDefinitions;
  clock: Pick<Clock, 'now' | 'after'>;
  /** Called where there may be a task to be begun. */
  changed(): void;
}

/** The queued tasks that a runner knows of, in order. Each waits for its time, for a handler of its name, and until fewer of its kind run than may. */
export class TaskBacklog {
  readonly #parts: TaskBacklogParts;
  readonly #ready = new Map<string, BacklogTask>();
  /** Ends the wait of a task for its time, by its id. */
  readonly #waiting = new Map<string, () => void>();
  /** The ids of tasks without a handler, by their name. */
  readonly #withoutHandler = new Map<string, Set<string>>();
  /** The kinds of which as many run as may, on all nodes together. */
  readonly #full = new Set<string>();
  #ends = 0;
  #isStopped = false;

  constructor(parts: TaskBacklogParts) {
    this.#parts = parts;
    parts.definitions.onDefine((name) => {
      for (const taskId of this.#withoutHandler.get(name) ?? []) this.#admit(taskId, name);
      this.#withoutHandler.delete(name);
      parts.changed();
    });
  }

  /** The number of times that some run has ended. */
  get ends(): number {
    return this.#ends;
  }

  /** Adds a task that is stored as queued. */
  add({ task_id, name, run_at }: Pick<TaskState, 'task_id' | 'name' | 'run_at'>): void {
    const { clock, changed } = this.#parts;
    this.#endWait(task_id);
    const wait = run_at === null ? 0 : Date.parse(run_at) - clock.now();
    if (wait > 0 && !this.#isStopped) {
      const again = (): void => this.add({ task_id, name, run_at });
      this.#waiting.set(task_id, clock.after(wait, again));
    } else this.#admit(task_id, name ?? '');
    changed();
  }

  /** Takes a task out that is not queued any more. */
  remove(taskId: string): void {
    this.taken(taskId);
    this.#endWait(taskId);
    for (const waiting of this.#withoutHandler.values()) waiting.delete(taskId);
  }

  /** Takes a task out that was claimed, or that cannot be claimed. */
  taken(taskId: string): void {
    this.#ready.delete(taskId);
  }

  /** The first that may be begun. It stays, until it is taken. @param isRunning true for a task that is not to be begun yet */
  first(isRunning: (taskId: string) => boolean): BacklogTask | null {
    for (const task of this.#ready.values()) if (!isRunning(task.id) && !this.#full.has(task.kind)) return task;
    return null;
  }

  /** The limit that holds for a task, found out from its state, from when on others of its kind wait with it. Undefined for any number. */
  limitOf(task: BacklogTask): ((state: TaskState) => TaskLimit) | undefined {
    const atMost = this.#parts.definitions.of(task.name)?.concurrency;
    if (!atMost) return undefined;
    return ({ run }) => {
      const key = run?.key ?? '';
      task.kind = `${task.name}\n${key}`;
      return { key, atMost };
    };
  }

  /** As many run of a task's kind as may: it waits, unless another has ended since there were so many `ends`. */
  waitFor({ kind }: BacklogTask, ends: number): void {
    if (ends === this.#ends) this.#full.add(kind);
  }

  /** A run has ended: one of its name that has waited for that may be begun now. @param nameOf the name; without it, any may */
  ended(nameOf?: () => string): void {
    this.#ends++;
    if (this.#full.size === 0) return;
    const name = nameOf?.();
    for (const kind of this.#full) if (name === undefined || kind.startsWith(`${name}\n`)) this.#full.delete(kind);
    this.#parts.changed();
  }

  /** Waits for no time any more. */
  stop(): void {
    this.#isStopped = true;
    for (const taskId of [...this.#waiting.keys()]) this.#endWait(taskId);
  }

  #admit(taskId: string, name: string): void {
    if (!this.#parts.definitions.of(name)) {
      this.#withoutHandler.set(name, (this.#withoutHandler.get(name) ?? new Set()).add(taskId));
    } else if (this.#ready.get(taskId)?.name !== name) this.#ready.set(taskId, { id: taskId, name, kind: '' });
  }

  #endWait(taskId: string): void {
    this.#waiting.get(taskId)?.();
    this.#waiting.delete(taskId);
  }
}

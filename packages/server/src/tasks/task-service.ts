import { type TaskReport, TidingsError } from '@tidings/protocol';
import { checkDataSize } from '../domain/data-size.ts';
import type { Clock } from '../domain/ports.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { KeyStore, RecordStore, UsedKey } from '../domain/store/records.ts';
import type { Write } from '../domain/writes.ts';
import { TaskCommits, type TaskEntry } from './commits.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { LinkedNotifications } from './linked.ts';
import { LinkedBatch, type Published, type Publishing } from './linked-batch.ts';
import { type StoredTask, taskIdOf } from './record.ts';
import { applyReport } from './report.ts';
import type { TaskState } from './task.ts';

/** Turns a task into its next state, the same object if nothing changes, with the writes to store beside it. Null stores no state. */
type Step = (before: TaskState | null) => Stepped | Promise<Stepped>;

interface Stepped {
  state: TaskState | null;
  beside?: readonly Write[];
}

/**
 * Changes tasks, one change of each at a time, in the order asked for. What follows a task changes with it, in the same
 * commit. Each caller is answered after the commit that holds or supersedes what was asked for.
 */
export class TaskService {
  readonly #store: CommitStore & RecordStore & KeyStore;
  readonly #clock: Clock;
  readonly #linked: LinkedNotifications;
  readonly #commits: TaskCommits;
  readonly #queue: KeyedQueue;
  readonly #maxDataBytes: number;

  /** @param maxDataBytes what data and result of a task may each have as JSON */
  constructor(
    store: CommitStore & RecordStore & KeyStore,
    clock: Clock,
    linked: LinkedNotifications,
    maxDataBytes: number,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#linked = linked;
    this.#maxDataBytes = maxDataBytes;
    this.#commits = new TaskCommits(store, clock, linked);
    this.#queue = new KeyedQueue(clock, (taskId, entry, report) =>
      this.#apply(taskId, entry, (before) => ({ state: applyReport(before, taskId, report, clock.now()) })),
    );
  }

  get(taskId: string): Promise<StoredTask | null> {
    return this.#commits.get(taskId);
  }

  async report(taskId: string, report: TaskReport): Promise<StoredTask> {
    this.#checkSize(report);
    return this.#queue.report(taskId, report);
  }

  /** Changes a task by the domain's own rule, or creates it: its step is given null where there is none. */
  async change(taskId: string, step: (before: TaskState | null) => TaskState): Promise<StoredTask> {
    return (await this.changeWith(taskId, (before) => this.#checked(step(before), before))) as StoredTask;
  }

  /** Changes a task that exists. @returns null where it does not, such as one that was removed meanwhile */
  changeExisting(taskId: string, step: (before: TaskState) => TaskState): Promise<StoredTask | null> {
    return this.changeWith(taskId, (before) => (before ? this.#checked(step(before), before) : { state: null }));
  }

  /** The same with what belongs to the change; the step is asked again where others were faster. */
  changeWith(taskId: string, step: Step): Promise<StoredTask | null> {
    return this.#queue.take(taskId, (entry) => this.#apply(taskId, entry, step));
  }

  /** Begins a task by a first report; where the key was used for another task already, that one is answered. */
  async begin(taskId: string, report: TaskReport, key: string | null): Promise<StoredTask> {
    if (key === null) return this.report(taskId, report);
    return this.create(taskId, (before) => applyReport(before, taskId, report, this.#clock.now()), key);
  }

  /** Creates a task by the domain's own rule, as `change` does; where the key was used for another task already, that one is answered. */
  async create(taskId: string, step: (before: TaskState | null) => TaskState, key: string | null): Promise<StoredTask> {
    if (key === null) return this.change(taskId, step);
    const begun = await this.#queue.take(taskId, (entry) => this.#begin(taskId, entry, step, key));
    const task = typeof begun === 'string' ? await this.get(taskIdOf(begun)) : begun;
    if (task) return task;
    throw new TidingsError('conflict', `the task ${taskId} could not be begun`);
  }

  /** Stores notifications of which some follow tasks, in one commit. Throws TidingsError if all or none is asked for. */
  async publish(items: readonly Publishing[], { atomic }: { atomic: boolean }): Promise<Published[]> {
    const batch = new LinkedBatch(items, atomic, this.#linked, this.#clock);
    return this.#queue.takeAll(batch.taskIds, async (held) => {
      for (;;) {
        const result = await this.#commits.store(held, (tasks) => batch.plan(this.#store, tasks));
        const results = batch.results(result);
        if (results) return results;
      }
    });
  }

  #checked(state: TaskState, before: TaskState | null): Stepped {
    this.#checkSize(state, before);
    return { state };
  }

  /** Refuses data or a result that is too large. One that was stored under another limit stays. */
  #checkSize(next: Pick<TaskReport, 'data' | 'result'>, before: TaskState | null = null): void {
    const atMost = this.#maxDataBytes;
    if (next.data !== before?.data) checkDataSize(next.data, { name: 'data', atMost });
    if (next.result !== before?.result) checkDataSize(next.result, { name: 'result', atMost });
  }

  async #apply(taskId: string, entry: TaskEntry, step: Step): Promise<StoredTask | null> {
    await this.#commits.store(new Map([[taskId, entry]]), async (tasks) => {
      const { state, beside } = await step(tasks.get(taskId)?.state ?? null);
      return { states: state ? [state] : [], beside };
    });
    return entry.known ?? null;
  }

  /** The task, or the id of the record that the key was used for before. */
  async #begin(
    taskId: string,
    entry: TaskEntry,
    step: (before: TaskState | null) => TaskState,
    text: string,
  ): Promise<StoredTask | string> {
    const key = { key: text, hash: '' };
    let used: UsedKey | undefined;
    const result = await this.#commits.store(new Map([[taskId, entry]]), async (tasks) => {
      const before = tasks.get(taskId) ?? null;
      // Without a task, the key is checked by the commit that begins it.
      used = before ? (await this.#store.usedKeys([text])).get(text) : undefined;
      if (used) return { states: [] };
      const state = step(before?.state ?? null);
      this.#checkSize(state, before?.state ?? null);
      return { states: [state], key };
    });
    if (used) return used.id;
    const [outcome] = result.tasks;
    return outcome?.status === 'duplicate' ? outcome.id : (entry.known as StoredTask);
  }
}

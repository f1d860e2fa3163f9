import { TidingsError } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import type { KeyStore, RecordStore, UsedKey } from '../domain/store/records.ts';
import type { Outcome, PutWrite } from '../domain/writes.ts';
import type { CommitResult, TaskChange, Tasks } from './commits.ts';
import { checkLinks, type LinkedNotifications, linkedTask, placeholderTask } from './linked.ts';
import { taskRecordId } from './record.ts';
import type { TaskState } from './task.ts';

/** A notification to be published, with the task that it is linked to. */
export interface Publishing {
  write: PutWrite;
  taskId: string | null;
  /** The topics of those it is for, whether or not it is out at once. */
  recipients: readonly string[];
}

/** The outcome: refused by the task, or as stored. */
export type Published = Outcome | TidingsError;

/** The tasks of a batch: as they are, those that it is the first to name, and how many notifications are linked to each. */
interface Links {
  tasks: Tasks;
  begun: Map<string, TaskState>;
  linkCounts: Map<string, number>;
}

/**
 * Publishes notifications of which some are linked to tasks. All that is stored is stored in one commit, in order, on condition
 * that the tasks are still as they are shown. Where it need not be all or none, what is refused is left out.
 */
export class LinkedBatch {
  readonly #items: readonly Publishing[];
  readonly #isAtomic: boolean;
  readonly #linked: LinkedNotifications;
  readonly #clock: Clock;
  #results: (Published | null)[] = [];

  constructor(items: readonly Publishing[], isAtomic: boolean, linked: LinkedNotifications, clock: Clock) {
    this.#items = items;
    this.#isAtomic = isAtomic;
    this.#linked = linked;
    this.#clock = clock;
  }

  get taskIds(): string[] {
    const ids = this.#items.flatMap(({ taskId }) => (taskId === null ? [] : [taskId]));
    return [...new Set(ids)].sort();
  }

  /** The writes, with tasks as they are now. Repetitions and impossible items have their result without being stored. */
  async plan(store: KeyStore & RecordStore, tasks: Tasks): Promise<TaskChange> {
    const [used, linkCounts] = await Promise.all([this.#usedKeys(store), this.#linkCounts(store)]);
    this.#results = this.#known(used);
    if (this.#isAtomic && this.#results.some((result) => result?.status === 'mismatch')) {
      this.#results = this.#results.map((result) => (result?.status === 'mismatch' ? result : { status: 'aborted' }));
      return { states: [] };
    }
    const begun = new Map<string, TaskState>();
    const beside: PutWrite[] = [];
    const keys = new Set(used.keys());
    for (const [i, item] of this.#items.entries()) {
      const key = item.write.key?.key;
      // A repetition is not stored a second time, and so is linked to nothing.
      const isRepeated = key !== undefined && keys.has(key);
      if (key !== undefined) keys.add(key);
      const write = this.#results[i]
        ? null
        : isRepeated
          ? item.write
          : this.#take(i, item, { tasks, begun, linkCounts });
      if (write) beside.push(write);
    }
    return { states: [...begun.values()], beside };
  }

  /** The outcome of each; null if the batch must be planned anew, because a key was used meanwhile. */
  results({ beside }: CommitResult): Published[] | null {
    if (!this.#isAtomic && beside.some(({ status }) => status === 'mismatch')) return null;
    let next = 0;
    return this.#results.map((result) => result ?? (beside[next++] as Outcome));
  }

  async #usedKeys(store: KeyStore): Promise<ReadonlyMap<string, UsedKey>> {
    const keys = this.#items.flatMap(({ write: { key } }) => (key ? [key.key] : []));
    return keys.length === 0 ? new Map() : store.usedKeys([...new Set(keys)]);
  }

  async #linkCounts(store: RecordStore): Promise<Map<string, number>> {
    const counted = this.taskIds.map(async (taskId) => [taskId, await store.linkCount(taskId)] as const);
    return new Map(await Promise.all(counted));
  }

  /** The outcome of items whose key was used before, or is used otherwise in this batch; null for all others. */
  #known(used: ReadonlyMap<string, UsedKey>): (Outcome | null)[] {
    const hashes = new Map([...used].map(([key, { hash }]) => [key, hash]));
    return this.#items.map(({ write: { key } }) => {
      if (!key) return null;
      const before = used.get(key.key);
      if ((hashes.get(key.key) ?? key.hash) !== key.hash) return { status: 'mismatch' };
      hashes.set(key.key, key.hash);
      // To store it once more takes it from the outbox.
      return before && key.outbox === undefined ? { status: 'duplicate', id: before.id, rev: before.rev } : null;
    });
  }

  #take(i: number, { write, taskId, recipients }: Publishing, { tasks, begun, linkCounts }: Links): PutWrite | null {
    if (taskId === null) return write;
    try {
      const count = linkCounts.get(taskId) ?? 0;
      checkLinks(taskId, count);
      linkCounts.set(taskId, count + 1);
      const known = tasks.get(taskId);
      if (known) {
        const shown = this.#linked.create(write, linkedTask(known.state));
        return { ...shown, shows: { id: taskRecordId(taskId), rev: known.rev } };
      }
      const state = begun.get(taskId) ?? placeholderTask(taskId, recipients, this.#clock.now());
      begun.set(taskId, state);
      return this.#linked.create(write, linkedTask(state));
    } catch (error) {
      if (this.#isAtomic || !(error instanceof TidingsError)) throw error;
      this.#results[i] = error;
      return null;
    }
  }
}

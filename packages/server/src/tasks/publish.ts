import { TidingsError } from '@tidings/protocol';
import type { Clock, CommitStore, Outcome, PutWrite } from '../domain/ports.ts';
import type { Plan, Settled, Tasks } from './commits.ts';
import { awaitedTask, followedBy, type LivingNotifications, livingTask } from './living.ts';
import type { TaskState } from './task.ts';

/** A notification to be published, with the task it follows. */
export interface Publishing {
  write: PutWrite;
  taskId: string | null;
  /** The topics of those it is for, whether or not it is out at once. */
  recipients: readonly string[];
}

/** What became of it: refused by the task, or as the store has it. */
export type Published = Outcome | TidingsError;

/** No record is at this rev: a write that expects it is stored in no case, but tells what is known of its key. */
export const nowhere = -1;

/**
 * Publishes notifications of which some follow tasks. All that is stored is stored in one commit, in order, with the tasks,
 * which know from then on who follows them. Where it need not be all or none, what is refused is left out.
 */
export class LivingBatch {
  readonly #items: readonly Publishing[];
  readonly #isAtomic: boolean;
  readonly #living: LivingNotifications;
  readonly #clock: Clock;
  #results: (Published | null)[] = [];

  constructor(items: readonly Publishing[], isAtomic: boolean, living: LivingNotifications, clock: Clock) {
    this.#items = items;
    this.#isAtomic = isAtomic;
    this.#living = living;
    this.#clock = clock;
  }

  get taskIds(): string[] {
    const ids = this.#items.flatMap(({ taskId }) => (taskId === null ? [] : [taskId]));
    return [...new Set(ids)].sort();
  }

  /** What is to be stored, with tasks as they are now. A repetition, or what cannot be, is settled without being stored. */
  async plan(store: CommitStore, tasks: Tasks): Promise<Plan> {
    this.#results = await this.#known(store);
    if (this.#isAtomic && this.#results.some((result) => result?.status === 'mismatch')) {
      this.#results = this.#results.map((result) => (result?.status === 'mismatch' ? result : { status: 'aborted' }));
      return { states: [] };
    }
    const states = new Map<string, TaskState>();
    const beside: PutWrite[] = [];
    const keys = new Set<string>();
    for (const [i, item] of this.#items.entries()) {
      const key = item.write.key?.key;
      // What repeats another item of the batch is not stored a second time, and so follows nothing.
      const isRepeated = key !== undefined && keys.has(key);
      if (key !== undefined) keys.add(key);
      const write = this.#results[i] ? null : isRepeated ? item.write : this.#take(i, item, tasks, states);
      if (write) beside.push(write);
    }
    return { states: [...states.values()], beside };
  }

  /** What became of each; null where the batch is to be planned anew, because a key was used meanwhile. */
  results({ beside }: Settled): Published[] | null {
    if (!this.#isAtomic && beside.some(({ status }) => status === 'mismatch')) return null;
    let next = 0;
    return this.#results.map((result) => result ?? (beside[next++] as Outcome));
  }

  async #known(store: CommitStore): Promise<(Outcome | null)[]> {
    const keyed = this.#items.filter(({ write }) => write.key !== null);
    if (keyed.length === 0) return this.#items.map(() => null);
    const probes = keyed.map(({ write }) => ({ ...write, expect: nowhere }));
    const outcomes = await store.commit(probes);
    const found = new Map(keyed.map(({ write }, i) => [write.id, outcomes[i] as Outcome]));
    const hashes = new Map<string, string>();
    return this.#items.map(({ write: { id, key } }) => {
      const outcome = found.get(id);
      if (outcome?.status === 'duplicate' || outcome?.status === 'mismatch') return outcome;
      if (key && (hashes.get(key.key) ?? key.hash) !== key.hash) return { status: 'mismatch' };
      if (key) hashes.set(key.key, key.hash);
      return null;
    });
  }

  #take(i: number, { write, taskId, recipients }: Publishing, tasks: Tasks, states: Map<string, TaskState>) {
    if (taskId === null) return write;
    const before = states.get(taskId) ?? tasks.get(taskId)?.state;
    try {
      const state = followedBy(before ?? awaitedTask(taskId, recipients, this.#clock.now()), write.id);
      states.set(taskId, state);
      return this.#living.born(write, livingTask(state));
    } catch (error) {
      if (this.#isAtomic || !(error instanceof TidingsError)) throw error;
      this.#results[i] = error;
      return null;
    }
  }
}

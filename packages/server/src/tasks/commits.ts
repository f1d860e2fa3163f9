import { TidingsError } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { RecordStore } from '../domain/store/records.ts';
import type { Outcome, PutWrite, Write } from '../domain/writes.ts';
import { type LinkedNotifications, leftOpen, linkedTask } from './linked.ts';
import { type StoredTask, taskRecord, taskRecordId } from './record.ts';
import { readTask, type TaskState } from './task.ts';

/** Keeps a task between its changes: null where there is none, undefined where it must be read. */
export interface TaskEntry {
  known: StoredTask | null | undefined;
  /** False where it is known that no notification is linked to it. */
  mayHaveLinks: boolean;
  /** The number of users with a linked notification, by the topics of the task's last change. */
  recipients: number;
}

export type Tasks = ReadonlyMap<string, StoredTask | null>;

/** The next states of tasks, and the writes of the same commit. */
export interface TaskChange {
  /** The next states; one that is the same object as before changes nothing. */
  states: readonly TaskState[];
  beside?: readonly Write[];
  /** For a plan of one task: the idempotency key of the request. */
  key?: PutWrite['key'];
}

/** The outcomes of a plan: one for each state that changed, and one for each write beside. */
export interface CommitResult {
  tasks: readonly Outcome[];
  beside: readonly Outcome[];
}

/** The next versions of the notifications that are linked to a task, and the ids of all that were found linked. */
interface LinkedWrites {
  writes: PutWrite[];
  linked?: PutWrite['linked'];
}

/** The most times a plan is made anew because others were faster, before the caller is asked to try again. */
const triesAtMost = 100;

/**
 * Stores changes of tasks: a task, the notifications that are linked to it, and what belongs to the change, all in one commit that
 * is made anew where any of them was changed meanwhile, by whatever process.
 */
export class TaskCommits {
  readonly #store: CommitStore & RecordStore;
  readonly #clock: Clock;
  readonly #linked: LinkedNotifications;

  constructor(store: CommitStore & RecordStore, clock: Clock, linked: LinkedNotifications) {
    this.#store = store;
    this.#clock = clock;
    this.#linked = linked;
  }

  async get(taskId: string): Promise<StoredTask | null> {
    const record = await this.#store.record(taskRecordId(taskId));
    return record?.state ? { state: readTask(record.state), rev: record.rev } : null;
  }

  /** @param plan asked again, with what is there by then, each time that others were faster */
  async store(
    held: ReadonlyMap<string, TaskEntry>,
    plan: (tasks: Tasks) => TaskChange | Promise<TaskChange>,
  ): Promise<CommitResult> {
    for (let tries = 0; tries < triesAtMost; tries++) {
      const isRemembered = [...held.values()].some(({ known }) => known !== undefined);
      const tasks = await this.#read(held);
      const change = await planned(plan, tasks, isRemembered);
      const result = change && (await this.#attempt(held, tasks, change));
      if (result) return result;
      for (const entry of held.values()) forget(entry);
    }
    throw new TidingsError('unavailable', 'others keep changing this at the same time; send it again a little later');
  }

  async #read(held: ReadonlyMap<string, TaskEntry>): Promise<Tasks> {
    const read = [...held].map(async ([taskId, entry]) => {
      if (entry.known === undefined) entry.known = await this.get(taskId);
      return [taskId, entry.known] as const;
    });
    return new Map(await Promise.all(read));
  }

  /** Null where something was not any more as it was read. */
  async #attempt(held: ReadonlyMap<string, TaskEntry>, tasks: Tasks, plan: TaskChange): Promise<CommitResult | null> {
    const { beside = [], key = null } = plan;
    const changed = changedOf(plan, tasks);
    const entryOf = (state: TaskState) => held.get(state.task_id) as TaskEntry;
    const links = await Promise.all(changed.map((state) => this.#linkedWrites(state, entryOf(state), beside)));
    const now = this.#clock.now();
    const puts = changed.map((state, i) => {
      const record = taskRecord(state, tasks.get(state.task_id) ?? null, now);
      return { ...record, key, linked: links[i]?.linked };
    });
    const writes = [...puts, ...links.flatMap((one) => one.writes), ...beside];
    if (writes.length === 0) return { tasks: [], beside: [] };
    const outcomes = await this.#store.commit(writes, { atomic: writes.length > 1 });
    if (wasOvertaken(outcomes)) return null;
    for (const [i, state] of changed.entries()) {
      const outcome = outcomes[i];
      const entry = entryOf(state);
      entry.known = outcome?.status === 'stored' ? { state, rev: outcome.rev } : undefined;
      entry.recipients = (links[i]?.writes ?? []).reduce((sum, { topics }) => sum + topics.length, 0);
    }
    for (const write of beside) {
      const entry = write.op === 'put' && held.get(write.taskId ?? '');
      if (entry) entry.mayHaveLinks = true;
    }
    return { tasks: outcomes.slice(0, puts.length), beside: outcomes.slice(writes.length - beside.length) };
  }

  /** The changes of linked notifications that follow from a task's change, except for those that the plan itself writes. */
  async #linkedWrites(state: TaskState, entry: TaskEntry, beside: readonly Write[]): Promise<LinkedWrites> {
    const before = entry.known?.state ?? null;
    const task = linkedTask(state);
    const closed = leftOpen(before, state);
    // Nothing can be linked to a task that there is not yet.
    if (before === null || (closed.length === 0 && isSame(linkedTask(before), task))) return { writes: [] };
    const records = entry.mayHaveLinks ? await this.#store.linkedTo(state.task_id) : [];
    entry.mayHaveLinks = records.length > 0;
    const own = new Set(beside.map((write) => (write.op === 'put' ? write.id : '')));
    const others = records.filter(({ id }) => !own.has(id));
    return {
      writes: others.map((record) => this.#linked.next(record, { task, closed })),
      linked: { taskId: state.task_id, ids: records.map(({ id }) => id) },
    };
  }
}

/**
 * The change that a plan makes of tasks. Another process may have changed since what is remembered here, which only a commit finds
 * out: null if by that memory a task would be left as it is, or the plan refused, so that the tasks are read first.
 */
async function planned(
  plan: (tasks: Tasks) => TaskChange | Promise<TaskChange>,
  tasks: Tasks,
  isRemembered: boolean,
): Promise<TaskChange | null> {
  try {
    const change = await plan(tasks);
    return isRemembered && !isCheckedByCommit(change, tasks) ? null : change;
  } catch (error) {
    if (!isRemembered) throw error;
    return null;
  }
}

/** True if a change is committed only while each of the tasks is as it is given. */
function isCheckedByCommit(change: TaskChange, tasks: Tasks): boolean {
  const checked = new Set(changedOf(change, tasks).map((state) => state.task_id));
  const shown = new Set((change.beside ?? []).map((write) => (write.op === 'put' ? write.shows?.id : undefined)));
  return [...tasks.keys()].every((taskId) => checked.has(taskId) || shown.has(taskRecordId(taskId)));
}

/** The next states that are others than before. */
const changedOf = ({ states }: TaskChange, tasks: Tasks): TaskState[] =>
  states.filter((state) => state !== tasks.get(state.task_id)?.state);

/** Has a task read anew. */
export function forget(entry: TaskEntry): void {
  entry.known = undefined;
  entry.mayHaveLinks = true;
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

const wasOvertaken = (outcomes: readonly Outcome[]): boolean =>
  outcomes.some(({ status }) => status === 'stale' || status === 'aborted') &&
  !outcomes.some(({ status }) => status === 'mismatch');

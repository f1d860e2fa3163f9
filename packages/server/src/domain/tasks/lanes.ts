import { type TaskReport, TidingsError } from '@tidings/protocol';
import type { Clock, Store } from '../ports.ts';
import { isProgress, mergeReports } from './merge.ts';
import { applyReport, type TaskState, taskRecord, taskRecordId } from './task.ts';

/** A task as it is stored. */
export interface StoredTask {
  state: TaskState;
  rev: number;
}

/** What turns a task into its next state; returns the same object where nothing changes. */
type Step = (before: TaskState | null) => TaskState;

interface Waiting {
  /** The report, where it is one: progress that is not stored yet may be merged with what comes after it. */
  report: TaskReport | null;
  step: Step;
  callers: { resolve: (task: StoredTask) => void; reject: (error: unknown) => void }[];
}

interface Lane {
  known: StoredTask | null | undefined;
  waiting: Waiting[];
  lastProgress: number;
}

/** Progress alone is stored at most this often per task, ms: a watcher sees no more, and the last one always. */
const progressInterval = 20;

/** How many tasks are remembered between reports; the rest is read again when it is reported on. */
const lanesKept = 10_000;

/**
 * Changes tasks, one change of each at a time, in the order asked for. Progress that comes in while a change of the same
 * task is being stored is merged into one; each caller is answered after the commit that holds or supersedes its report.
 */
export class TaskLanes {
  readonly #store: Pick<Store, 'commit' | 'record'>;
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();

  constructor(store: Pick<Store, 'commit' | 'record'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  report(taskId: string, report: TaskReport): Promise<StoredTask> {
    return this.#enter(taskId, report, (before) => applyReport(before, taskId, report, this.#clock.now()));
  }

  /** Begins a task by a first report; where the key was used for another task already, that one is answered. */
  async begin(taskId: string, report: TaskReport, key: string | null): Promise<StoredTask> {
    if (key === null) return this.report(taskId, report);
    const state = applyReport(null, taskId, report, this.#clock.now());
    const write = { ...taskRecord(state, null, this.#clock.now()), key: { key, hash: '' } };
    const [outcome] = await this.#store.commit([write]);
    if (outcome?.status === 'stored') return { state, rev: outcome.rev };
    if (outcome?.status === 'stale') return this.report(taskId, report);
    const known = outcome?.status === 'duplicate' ? await this.get(outcome.id.slice(taskRecordId('').length)) : null;
    if (known) return known;
    throw new TidingsError('conflict', `the task ${taskId} could not be begun`);
  }

  /** Changes a task by the domain's own rule. */
  change(taskId: string, step: Step): Promise<StoredTask> {
    return this.#enter(taskId, null, step);
  }

  async get(taskId: string): Promise<StoredTask | null> {
    const record = await this.#store.record(taskRecordId(taskId));
    return record?.state ? { state: JSON.parse(record.state) as TaskState, rev: record.rev } : null;
  }

  #enter(taskId: string, report: TaskReport | null, step: Step): Promise<StoredTask> {
    return new Promise((resolve, reject) => {
      const lane = this.#lanes.get(taskId);
      const caller = { resolve, reject };
      const last = lane?.waiting.at(-1);
      const merged = last?.report && report ? mergeReports(last.report, report) : null;
      if (last && merged) {
        last.report = merged;
        last.step = (before) => applyReport(before, taskId, merged, this.#clock.now());
        last.callers.push(caller);
        return;
      }
      const waiting = { report, step, callers: [caller] };
      if (lane && lane.waiting.length > 0) lane.waiting.push(waiting);
      else void this.#run(taskId, lane ?? { known: undefined, waiting: [], lastProgress: 0 }, waiting);
    });
  }

  async #run(taskId: string, lane: Lane, first: Waiting): Promise<void> {
    lane.waiting.push(first);
    this.#lanes.delete(taskId);
    this.#lanes.set(taskId, lane);
    while (lane.waiting[0]) {
      await this.#pace(lane, lane.waiting[0]);
      const next = lane.waiting[0];
      // What is being stored can take no more: a placeholder keeps later reports from merging into it.
      lane.waiting[0] = { report: null, step: next.step, callers: [] };
      await this.#settle(taskId, lane, next);
      lane.waiting.shift();
    }
    this.#forget();
  }

  /** Lets progress that follows close upon other progress wait, so that what comes next merges with it. */
  async #pace(lane: Lane, next: Waiting): Promise<void> {
    if (!next.report || !isProgress(next.report)) return;
    // A clock that was set back makes nobody wait longer than that.
    const wait = Math.min(progressInterval, lane.lastProgress + progressInterval - this.#clock.now());
    lane.lastProgress = this.#clock.now() + Math.max(0, wait);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }

  async #settle(taskId: string, lane: Lane, waiting: Waiting): Promise<void> {
    try {
      const stored = await this.#apply(taskId, lane, waiting.step);
      for (const caller of waiting.callers) caller.resolve(stored);
    } catch (error) {
      if (!(error instanceof TidingsError && error.code === 'conflict')) lane.known = undefined;
      for (const caller of waiting.callers) caller.reject(error);
    }
  }

  async #apply(taskId: string, lane: Lane, step: Step): Promise<StoredTask> {
    for (;;) {
      lane.known = lane.known === undefined ? await this.get(taskId) : lane.known;
      const before = lane.known;
      const state = step(before?.state ?? null);
      if (before && state === before.state) return before;
      const [outcome] = await this.#store.commit([taskRecord(state, before, this.#clock.now())]);
      if (outcome?.status === 'stored') {
        lane.known = { state, rev: outcome.rev };
        return lane.known;
      }
      lane.known = undefined;
    }
  }

  /** Forgets the tasks that were reported on longest ago. */
  #forget(): void {
    for (const [taskId, lane] of this.#lanes) {
      if (this.#lanes.size <= lanesKept) return;
      if (lane.waiting.length === 0) this.#lanes.delete(taskId);
    }
  }
}

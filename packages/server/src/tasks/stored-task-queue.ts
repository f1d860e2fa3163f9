import { hasEnded, TidingsError } from '@tidings/protocol';
import { newId } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';
import type { TaskStore } from '../domain/store/records.ts';
import type { RunnerStore } from '../domain/store/runners.ts';
import { begun, failedAttempt, interrupted } from './attempts.ts';
import { applyReport } from './report.ts';
import { readTask, type TaskState } from './task.ts';
import type { Ending, TaskClaim, TaskLimit, TaskQueue } from './task-queue.ts';
import type { TaskService } from './task-service.ts';

export interface StoredTaskQueueParts {
  store: TaskStore & RunnerStore;
  tasks: TaskService;
  clock: Clock;
  /** Time for which a runner may be silent before others take over its tasks, ms. */
  leaseMs: number;
}

/** The most tasks that are read at a time. */
const pageSize = 1_000;
/** Time between two reads of all tasks while no runner is missing, ms. */
const lookInterval = 60_000;

/** The queue in the store: a claim is a change of the task itself, stored only if nobody else was faster, and runners have leases. */
export class StoredTaskQueue implements TaskQueue {
  readonly #parts: StoredTaskQueueParts;
  #runner: Promise<string> | null = null;
  #claims = 0;
  /** The tokens of claims that may have been stored, though no answer came, by task: they are found by them when they are made again. */
  readonly #unanswered = new Map<string, string>();
  /** The tokens of runs that have a permit. */
  readonly #permits = new Set<string>();
  #lookedAt: number | null = null;

  constructor(parts: StoredTaskQueueParts) {
    this.#parts = parts;
  }

  async claim(taskId: string, limitOf?: (state: TaskState) => TaskLimit): Promise<TaskClaim | 'full' | null> {
    const runner = await this.#name();
    const before = this.#unanswered.get(taskId);
    this.#unanswered.delete(taskId);
    const token = before && runnerOf(before) === runner ? before : `${runner}/${++this.#claims}`;
    try {
      return await (limitOf ? this.#withPermit(taskId, { token, runner }, limitOf) : this.#begin(taskId, token));
    } catch (error) {
      if (error instanceof TidingsError && error.retryable) this.#unanswered.set(taskId, token);
      else await this.#parts.store.returnPermit(token).catch(() => {});
      throw error;
    }
  }

  async #withPermit(
    taskId: string,
    { token, runner }: { token: string; runner: string },
    limitOf: (state: TaskState) => TaskLimit,
  ): Promise<TaskClaim | 'full' | null> {
    const task = (await this.#parts.tasks.get(taskId))?.state;
    if (!task || !(task.run?.claim === token || mayBegin(task, this.#parts.clock.now()))) return null;
    const { key, atMost } = limitOf(task);
    if (!(await this.#parts.store.takePermit({ name: task.name ?? '', key, token, runner }, atMost))) return 'full';
    const claim = await this.#begin(taskId, token);
    if (claim) this.#permits.add(token);
    else await this.#parts.store.returnPermit(token);
    return claim;
  }

  /** Stores that the task is run under a token; null if it was not to be begun. */
  async #begin(taskId: string, token: string): Promise<TaskClaim | null> {
    const stored = await this.#parts.tasks.changeExisting(taskId, (before) => {
      const now = this.#parts.clock.now();
      return mayBegin(before, now) ? begun(before, token, now) : before;
    });
    return stored?.state.run?.claim === token ? { state: stored.state, token } : null;
  }

  async heartbeat(): Promise<boolean> {
    if (!this.#runner) return true;
    if (await this.#parts.store.extendRunner(await this.#runner, this.#parts.leaseMs)) return true;
    this.#runner = null;
    this.#lookedAt = null;
    return false;
  }

  async release(
    { state: { task_id }, token }: TaskClaim,
    { report, isFinal, retryInMs }: Ending,
  ): Promise<TaskState | null> {
    let isHeld = false;
    // First, so that whoever is told of the end finds the permit.
    if (this.#permits.has(token)) await this.#parts.store.returnPermit(token);
    this.#permits.delete(token);
    const stored = await this.#parts.tasks.changeExisting(task_id, (before) => {
      isHeld = before.run?.claim === token && !hasEnded(before.status);
      if (!isHeld || !before.run) return before;
      const now = this.#parts.clock.now();
      if (retryInMs !== undefined && !before.cancel_requested) {
        return failedAttempt(before, report.error ?? '', now, retryInMs);
      }
      const next = applyReport(before, task_id, report, now);
      return { ...next, run: { ...before.run, isFinal } };
    });
    return stored && isHeld ? stored.state : null;
  }

  async overdue(): Promise<TaskState[]> {
    const { store, clock } = this.#parts;
    const own = await this.#runner;
    const ended = (await store.runners()).filter(({ name, isAlive }) => !isAlive && name !== own);
    const now = clock.now();
    // The distance either way, so that a clock that was set back does not end the looking.
    const isTime = this.#lookedAt === null || Math.abs(now - this.#lookedAt) >= lookInterval;
    if (ended.length === 0 && !isTime) return [];
    this.#lookedAt = now;
    for (const status of ['processing', 'waiting'] as const) await this.#takeOver(await this.#all(status));
    const queued = await this.#all('queued');
    for (const { name } of ended) await store.removeRunner(name);
    return queued;
  }

  async close(): Promise<void> {
    if (this.#runner) await this.#parts.store.extendRunner(await this.#runner, 0);
    this.#runner = null;
  }

  /** The name under which this runner has its lease: another where the last was given up. */
  #name(): Promise<string> {
    this.#runner ??= this.#add().catch((error) => {
      this.#runner = null;
      throw error;
    });
    return this.#runner;
  }

  async #add(): Promise<string> {
    const name = newId('r', this.#parts.clock.now());
    await this.#parts.store.addRunner(name, this.#parts.leaseMs);
    return name;
  }

  /** The tasks of a status that handlers run, oldest first. */
  async #all(status: TaskState['status']): Promise<TaskState[]> {
    const found: TaskState[] = [];
    for (let before: number | null = null; ; ) {
      const { records, full } = await this.#parts.store.tasks({ owner: null, status, before, limit: pageSize });
      found.push(...records.map((record) => readTask(record.state as string)).filter(({ run }) => run));
      if (!full) return found.reverse();
      before = records.at(-1)?.rev ?? null;
    }
  }

  /** Queues the tasks whose runner is gone. A runner is known before it claims: so runners are read after the tasks. */
  async #takeOver(found: readonly TaskState[]): Promise<void> {
    if (found.length === 0) return;
    const { store, tasks, clock } = this.#parts;
    const alive = new Set((await store.runners()).filter(({ isAlive }) => isAlive).map(({ name }) => name));
    if (this.#runner) alive.add(await this.#runner);
    const left = found.filter(({ run }) => !alive.has(runnerOf(run?.claim)));
    for (const { task_id, run } of left) {
      await tasks.changeExisting(task_id, (before) =>
        before.run?.claim === run?.claim ? interrupted(before, clock.now()) : before,
      );
    }
  }
}

const mayBegin = ({ run, status, run_at }: TaskState, now: number): boolean =>
  run !== null && status === 'queued' && (run_at === null || Date.parse(run_at) <= now);

const runnerOf = (token: string | null | undefined): string => token?.split('/', 1)[0] ?? '';

import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Task, TidingsError } from '@tidings/protocol';
import { newId } from '../../domain/ids.ts';
import type { RecordStore, TaskStore } from '../../domain/ports.ts';
import { interrupted } from '../../tasks/attempts.ts';
import { formerOf } from '../../tasks/people.ts';
import { isCancelRequested, type StoredTask, taskRecordId } from '../../tasks/record.ts';
import { applyReport } from '../../tasks/report.ts';
import { hasEnded, newTask, readTask, type TaskState, taskView } from '../../tasks/task.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import { Asking, type AskingParts, type Attempt } from './asking.ts';
import { cancelled, completed, type Ending, failed, unstorable } from './ending.ts';
import { contextOf, type InputReaders } from './handler-context.ts';
import { Slots } from './slots.ts';
import type { TaskContext, TaskHandler } from './task-context.ts';

export interface StartOptions {
  /** The user who hears of the task, and may read and cancel it. */
  owner?: string | number;
  followers?: readonly (string | number)[];
  /** Default: a new one. */
  taskId?: string;
  totalSteps?: number;
  message?: string;
  /** Any JSON object, for who looks at the task. `data.title` is what elements call it, in place of its name. */
  data?: Record<string, unknown>;
}

export interface LocalRunnerParts extends AskingParts {
  store: TaskStore & RecordStore;
  telemetry: Telemetry;
  /** How many handlers may be at work at a time, besides those that wait for a person. */
  concurrency: number;
  read: InputReaders;
  /** Runs a handler so that what it sends without naming a user goes to the task's owner. */
  within: (owner: string | null, run: () => Promise<unknown>) => Promise<unknown>;
}

/** How many tasks are read at a time after a restart. */
const recoveredAtOnce = 1_000;
/** How long to wait before a change is tried again that could not be stored, ms; doubled each time up to the most. */
const firstPause = 100;
const longestPause = 10_000;

/**
 * Runs tasks in this process. The store is the queue: a task is stored before it is begun, so a restart loses none, and
 * what it interrupted is run again.
 */
export class LocalRunner {
  readonly #parts: LocalRunnerParts;
  readonly #slots: Slots;
  readonly #handlers = new Map<string, TaskHandler>();
  readonly #queue = new Set<string>();
  readonly #waitingForHandler = new Map<string, string[]>();
  readonly #running = new Map<string, AbortController>();
  readonly #done = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: LocalRunnerParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.concurrency, () => this.#next());
  }

  define<Input>(name: string, handler: TaskHandler<Input>): void {
    if (typeof name !== 'string' || name === '' || typeof handler !== 'function') {
      const got = `${name === '' ? 'an empty text' : typeof name} and ${typeof handler}`;
      throw new TidingsError('bad_request', `tasks.define() needs a name and a function; got ${got}`);
    }
    if (this.#handlers.has(name)) throw new TidingsError('conflict', `a task named "${name}" is defined already`);
    this.#handlers.set(name, handler as TaskHandler);
    for (const taskId of this.#waitingForHandler.get(name) ?? []) this.#queue.add(taskId);
    this.#waitingForHandler.delete(name);
    this.#next();
  }

  /** Stores a task and answers; the handler is begun when there is room. */
  async start(name: string, input: unknown, options: StartOptions = {}): Promise<Task> {
    if (!this.#handlers.has(name)) {
      const known = [...this.#handlers.keys()].join(', ') || 'none';
      throw new TidingsError('not_found', `no task is named "${name}"; tasks.define() it first (defined: ${known})`);
    }
    const { read, clock } = this.#parts;
    const { owner, followers = [], taskId, totalSteps, message, data, ...others } = options;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) {
      const known = 'owner, followers, taskId, totalSteps, message, data';
      throw new TidingsError('bad_request', `tasks.start() has no option "${unknown}"; it has ${known}`);
    }
    const json = JSON.stringify(read.json(input, 'input'));
    const given = { name, owner, followers, task_id: taskId, total_steps: totalSteps, message, data };
    const start = read.start(given);
    const now = clock.now();
    const id = start.task_id === undefined ? newId('t', now) : String(start.task_id);
    const run = { input: json, claim: null, interruptions: 0, isFinal: false };
    const named = {
      name,
      total_steps: start.total_steps ?? 0,
      message: start.message ?? '',
      data: start.data ?? {},
      run,
    };
    const stored = await this.#parts.tasks.change(id, (before) => {
      if (before && !isOnlyAwaited(before)) {
        throw new TidingsError('conflict', `the task ${id} exists already; give another taskId`);
      }
      const known = before ?? newTask(id, now);
      const people = {
        owner: start.owner === undefined ? known.owner : String(start.owner),
        followers: (start.followers ?? []).map(String),
        awaited: false,
      };
      return { ...known, ...named, ...people, former: formerOf(known, people) };
    });
    this.enqueue(stored.state);
    return taskView(stored.state, stored.rev);
  }

  /** Runs a task that is stored as queued, as soon as there is room and a handler of its name. */
  enqueue({ task_id, name }: Pick<TaskState, 'task_id' | 'name'>): void {
    const named = name ?? '';
    if (this.#handlers.has(named)) this.#queue.add(task_id);
    else this.#waitingForHandler.set(named, [...(this.#waitingForHandler.get(named) ?? []), task_id]);
    this.#next();
  }

  /** Takes up what the last process left: what waited, and what it was interrupted in. */
  async recover(): Promise<void> {
    for (const status of ['processing', 'waiting', 'queued'] as const) {
      const left: TaskState[] = [];
      for (let before: number | null = null; ; ) {
        const records = await this.#parts.store.tasks({ owner: null, status, before, limit: recoveredAtOnce });
        left.push(...records.map((record) => readTask(record.state as string)).filter(({ run }) => run));
        if (records.length < recoveredAtOnce) break;
        before = records.at(-1)?.rev ?? null;
      }
      for (const state of left.reverse()) await this.#takeUp(state);
    }
  }

  /** Asks a task that runs here to stop. */
  cancel(taskId: string): boolean {
    const controller = this.#running.get(taskId);
    controller?.abort(new TidingsError('conflict', 'the task was cancelled'));
    return controller !== undefined;
  }

  /** Begins nothing more, and interrupts what runs: it is run again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const controller of this.#running.values()) {
      controller.abort(new TidingsError('unavailable', 'the process stops; the task is run again when it is back'));
    }
    await Promise.race([Promise.all(this.#done), wait(3_000, undefined, { ref: false })]);
  }

  async #takeUp(left: TaskState): Promise<void> {
    const { tasks, clock } = this.#parts;
    const { state } = await tasks.change(left.task_id, (before) => interrupted(before ?? left, clock.now()));
    if (!hasEnded(state.status)) this.enqueue(state);
  }

  #next(): void {
    while (!this.#stopping.signal.aborted && this.#slots.hasRoom) {
      // One that was begun anew while its last run has not come to its end waits for that.
      const taskId = [...this.#queue].find((id) => !this.#running.has(id));
      if (taskId === undefined) return;
      this.#queue.delete(taskId);
      this.#begin(taskId);
    }
  }

  #begin(taskId: string): void {
    const controller = new AbortController();
    this.#running.set(taskId, controller);
    this.#slots.take();
    // Whichever node the wish reached, it is heard here.
    const stopListening = this.#parts.watch.listen(taskRecordId(taskId), (change) => {
      if (change && isCancelRequested(change)) this.cancel(taskId);
    });
    const done = this.#run(taskId, controller.signal)
      .catch((error: Error) => {
        this.#parts.telemetry.emit({ type: 'failure', where: `task ${taskId}`, error });
        return true;
      })
      .then((holdsRoom) => {
        stopListening();
        this.#running.delete(taskId);
        this.#done.delete(done);
        if (holdsRoom) this.#slots.free();
        this.#next();
      });
    this.#done.add(done);
  }

  /** @returns whether it holds its room to the end */
  async #run(taskId: string, signal: AbortSignal): Promise<boolean> {
    const claim = randomBytes(8).toString('base64url');
    const { state } = await this.#untilStored(() => this.#claim(taskId, claim));
    const handler = this.#handlers.get(state.name ?? '');
    if (state.run?.claim !== claim || !handler) return true;
    const attempt = { state, claim, signal };
    const asking = new Asking(this.#parts, attempt, this.#slots);
    const ending = await this.#attempt(handler, attempt, asking);
    const holdsRoom = asking.end();
    if (ending) await this.#end(attempt, ending);
    return holdsRoom;
  }

  #claim(taskId: string, claim: string): Promise<StoredTask> {
    return this.#parts.tasks.change(taskId, (before) => {
      if (!before?.run || before.status !== 'queued') return before as TaskState;
      const at = new Date(this.#parts.clock.now()).toISOString();
      const run = { ...before.run, claim };
      return { ...before, status: 'processing', started_at: at, updated_at: at, run };
    });
  }

  /** How the handler ended; null where the process stops and the task is to be run again. */
  async #attempt(handler: TaskHandler, attempt: Attempt, asking: Asking): Promise<Ending | null> {
    const { state, signal } = attempt;
    try {
      const context = contextOf(attempt, asking, this.#parts) as TaskContext<never>;
      const result = await this.#parts.within(state.owner, async () => handler(context));
      return completed(result, this.#parts.read.json);
    } catch (error) {
      if (signal.aborted && this.#stopping.signal.aborted) return null;
      return signal.aborted ? cancelled(error, signal.reason) : failed(error);
    }
  }

  /** Ends the attempt, unless another claim has taken the task over. */
  async #end(run: Attempt, ending: Ending): Promise<void> {
    const { task_id, attempt, name } = run.state;
    let isOurs = false;
    const end = ({ report, isFinal }: Ending): Promise<StoredTask> =>
      this.#untilStored(() =>
        this.#parts.tasks.change(task_id, (before) => {
          isOurs = before?.run?.claim === run.claim && !hasEnded(before.status);
          if (!isOurs || !before?.run) return before as TaskState;
          const next = applyReport(before, task_id, report, this.#parts.clock.now());
          return { ...next, run: { ...before.run, isFinal } };
        }),
      );
    const { state } = await end(ending).catch((error) => {
      if (ending.report.status !== 'completed' || this.#stopping.signal.aborted) throw error;
      // Better without its result than at work for ever.
      return end(unstorable(error));
    });
    const outcome = state.status as 'completed' | 'failed' | 'cancelled';
    if (isOurs) this.#parts.telemetry.emit({ type: 'task_run', task: task_id, name: name ?? '', attempt, outcome });
  }

  /** Does it again, after growing pauses, while the store is away: a run that nobody ends would be begun once more. */
  async #untilStored<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#stopping;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TidingsError && error.retryable) || signal.aborted) throw error;
        this.#parts.telemetry.emit({ type: 'failure', where: 'tasks', error });
        await wait(pause, undefined, { signal });
      }
    }
  }
}

/** Known by a notification that follows it, and by nothing else. */
const isOnlyAwaited = ({ awaited, status }: TaskState): boolean => awaited && !hasEnded(status);

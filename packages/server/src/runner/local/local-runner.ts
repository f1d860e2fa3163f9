import { type Task, TidingsError } from '@tidings/protocol';
import { inTime } from '../../domain/in-time.ts';
import type { Change } from '../../domain/writes.ts';
import { reportOf, taskRecordId } from '../../tasks/record.ts';
import { type TaskState, taskView } from '../../tasks/task.ts';
import type { Ending, TaskClaim, TaskLimit, TaskQueue } from '../../tasks/task-queue.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import type { InputReaders } from '../input-readers.ts';
import type { TaskDefinitions } from '../task-definitions.ts';
import { newRun, type StartOptions } from '../task-start.ts';
import type { AskingParts } from './asking.ts';
import { unstorable, withoutHandler } from './ending.ts';
import { HandlerRun } from './handler-run.ts';
import { QueuedTasks } from './queued-tasks.ts';
import { RunLog, type RunLogParts } from './run-log.ts';
import { Slots } from './slots.ts';

export interface LocalRunnerParts extends AskingParts, RunLogParts {
  definitions: TaskDefinitions;
  queue: TaskQueue;
  telemetry: Telemetry;
  /** The most handlers that run at a time, besides those that wait for a person. */
  concurrency: number;
  read: InputReaders;
  /** Runs a handler so that what it sends without naming a user goes to the task's owner. */
  within: (owner: string | null, run: () => Promise<unknown>) => Promise<unknown>;
}

/** A task that may be begun. */
interface QueuedTask {
  name: string;
  /** Its name and key, once it is known that they have a limit; empty till then. */
  kind: string;
}

/** Pause before a change that could not be stored is tried again, ms; doubled each time up to the longest. */
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** Time that running handlers may take to stop, ms. */
const stopMs = 3_000;

/** Runs tasks in this process, from a queue that other processes may share. A task is stored before it is begun, so that a restart loses none. */
export class LocalRunner {
  readonly #parts: LocalRunnerParts;
  readonly #slots: Slots;
  /** The tasks that may be begun, by their ids. */
  readonly #queued = new Map<string, QueuedTask>();
  /** The kinds of which as many run as may, on all nodes together. */
  readonly #full = new Set<string>();
  /** The number of times that some run has ended. */
  #ends = 0;
  /** Ends the wait of a task for its time, by its id. */
  readonly #waiting = new Map<string, () => void>();
  readonly #withoutHandler = new Map<string, Set<string>>();
  readonly #running = new Map<string, AbortController>();
  readonly #done = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #queuedAnywhere: QueuedTasks;

  constructor(parts: LocalRunnerParts) {
    const { watch, clock, definitions } = parts;
    this.#parts = parts;
    this.#slots = new Slots(parts.concurrency, () => this.#next());
    this.#queuedAnywhere = new QueuedTasks({
      ...{ watch, clock },
      onQueued: (task) => definitions.of(task.name) && this.enqueue(task),
      onTaken: (taskId) => this.#forget(taskId),
      onEnded: (change) => this.#lookAgain(change),
    });
    definitions.onDefine((name) => {
      for (const taskId of this.#withoutHandler.get(name) ?? []) this.#queued.set(taskId, { name, kind: '' });
      this.#withoutHandler.delete(name);
      this.#next();
    });
  }

  /** Stores a task and answers; the handler is begun when there is room. */
  async start(name: string, input: unknown, options: StartOptions = {}): Promise<Task> {
    const { definitions, read, clock, tasks } = this.#parts;
    const definition = definitions.of(name);
    if (!definition) {
      const known = definitions.names.join(', ') || 'none';
      throw new TidingsError('not_found', `no task is named "${name}"; tasks.define() it first (defined: ${known})`);
    }
    const concurrencyKey = definition.keyOf(await definition.readInput(input));
    const { id, key, create } = newRun({ name, input, key: concurrencyKey }, options, read, clock.now());
    const stored = await tasks.create(id, create, key);
    if (stored.state.status === 'queued') this.enqueue(stored.state);
    return taskView(stored.state, stored.rev);
  }

  /** Runs a task that is stored as queued, once its time has come, as soon as there is room and a handler of its name. */
  enqueue({ task_id, name, run_at }: Pick<TaskState, 'task_id' | 'name' | 'run_at'>): void {
    this.#waiting.get(task_id)?.();
    this.#waiting.delete(task_id);
    const known = name ?? '';
    const wait = run_at === null ? 0 : Date.parse(run_at) - this.#parts.clock.now();
    if (wait > 0 && !this.#stopping.signal.aborted) {
      this.#waiting.set(
        task_id,
        this.#parts.clock.after(wait, () => this.enqueue({ task_id, name, run_at })),
      );
    } else this.#admit(task_id, known);
    this.#next();
  }

  /** Has a task begin when there is room, or a handler of its name. */
  #admit(taskId: string, name: string): void {
    if (!this.#parts.definitions.of(name)) {
      this.#withoutHandler.set(name, (this.#withoutHandler.get(name) ?? new Set()).add(taskId));
    } else if (this.#queued.get(taskId)?.name !== name) this.#queued.set(taskId, { name, kind: '' });
  }

  /** Every few seconds: says that this runner lives, and takes up what nobody runs, as what waited at the last stop. */
  async poll(): Promise<void> {
    const { queue } = this.#parts;
    if (!(await queue.heartbeat())) {
      this.#abortAll(new TidingsError('conflict', 'this process was silent for too long; another one runs the task'));
    }
    for (const task of await queue.overdue()) this.enqueue(task);
    this.#lookAgain();
  }

  /** Asks a task that runs here to stop. */
  cancel(taskId: string): boolean {
    const controller = this.#running.get(taskId);
    controller?.abort(new TidingsError('conflict', 'the task was cancelled'));
    return controller !== undefined;
  }

  /** Begins nothing more, and interrupts what runs: it is run again after the next start, or by another process at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#queuedAnywhere.stop();
    for (const cancel of this.#waiting.values()) cancel();
    this.#abortAll(new TidingsError('unavailable', 'the process stops; the task is run again when it is back'));
    const { clock, queue } = this.#parts;
    await inTime(clock, stopMs, Promise.all(this.#done), () => {});
    // A lease that cannot be ended ends by itself.
    const failed = (error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: 'tasks', error });
    await queue.close().catch(failed);
  }

  /** A task is not queued any more. */
  #forget(taskId: string): void {
    this.#queued.delete(taskId);
    this.#waiting.get(taskId)?.();
    this.#waiting.delete(taskId);
    for (const waiting of this.#withoutHandler.values()) waiting.delete(taskId);
  }

  /** A task has ended: one of its name that has waited for that may be begun now. Without one, any may. */
  #lookAgain(change?: Change): void {
    this.#ends++;
    if (this.#full.size === 0) return;
    const name = change && (reportOf(change).name ?? '');
    for (const kind of this.#full) if (name === undefined || kind.startsWith(`${name}\n`)) this.#full.delete(kind);
    this.#next();
  }

  /** The limit that holds for a task; notes its kind, so that others of it wait with it. Undefined for any number. */
  #limitOf(task: QueuedTask): ((state: TaskState) => TaskLimit) | undefined {
    const atMost = this.#parts.definitions.of(task.name)?.concurrency;
    if (!atMost) return undefined;
    return ({ run }) => {
      const key = run?.key ?? '';
      task.kind = `${task.name}\n${key}`;
      return { key, atMost };
    };
  }

  #abortAll(reason: TidingsError): void {
    for (const controller of this.#running.values()) controller.abort(reason);
  }

  #next(): void {
    while (!this.#stopping.signal.aborted && this.#slots.hasRoom) {
      // A task that was begun anew waits until its last run has ended.
      const next = this.#firstOf((id, { kind }) => !this.#running.has(id) && !this.#full.has(kind));
      if (!next) return;
      this.#begin(next.id, next.task);
    }
  }

  #firstOf(mayBegin: (id: string, task: QueuedTask) => boolean): { id: string; task: QueuedTask } | null {
    for (const [id, task] of this.#queued) if (mayBegin(id, task)) return { id, task };
    return null;
  }

  #begin(taskId: string, task: QueuedTask): void {
    const controller = new AbortController();
    this.#running.set(taskId, controller);
    this.#slots.take();
    const slot = { isHeld: true };
    const done = this.#run(taskId, task, controller, slot)
      .catch((error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: `task ${taskId}`, error }))
      .then(() => {
        this.#running.delete(taskId);
        this.#done.delete(done);
        if (slot.isHeld) this.#slots.free();
        this.#next();
      });
    this.#done.add(done);
  }

  /** @param slot is not held any more if the handler ended while it waited for an answer */
  async #run(taskId: string, task: QueuedTask, controller: AbortController, slot: { isHeld: boolean }): Promise<void> {
    const { definitions, queue, watch } = this.#parts;
    let attempt = Number.POSITIVE_INFINITY;
    // The change of a task that is cancelled or taken over arrives here, whichever node made it.
    const stopListening = watch.listen(taskRecordId(taskId), (change) => {
      const report = change && reportOf(change);
      if (report?.cancel_requested) this.cancel(taskId);
      if (report && report.attempt > attempt)
        controller.abort(new TidingsError('conflict', 'the task was begun again'));
    });
    try {
      const ends = this.#ends;
      const claim = await this.#untilStored(() => queue.claim(taskId, this.#limitOf(task))).catch((error) => {
        // The next poll finds it again.
        this.#queued.delete(taskId);
        throw error;
      });
      if (claim === 'full') {
        // If another has ended meanwhile, it looks again at once.
        if (ends === this.#ends) this.#full.add(task.kind);
        return;
      }
      this.#queued.delete(taskId);
      if (!claim) return;
      const definition = definitions.of(claim.state.name);
      if (!definition) return await this.#end(claim, withoutHandler(claim.state.name));
      attempt = claim.state.attempt;
      const { signal } = controller;
      const untilStored = <T>(work: () => Promise<T>) => this.#untilStored(work, signal);
      const log = new RunLog(this.#parts, claim, (work) => this.#untilStored(work));
      const run = new HandlerRun(
        this.#parts,
        definition,
        { claim, signal, untilStored, log },
        this.#slots,
        this.#stopping.signal,
      );
      const ending = await run.end((reason) => controller.abort(reason));
      slot.isHeld = run.holdsSlot;
      // Of a task that has ended nothing is stored any more.
      await log.end();
      if (ending) await this.#end(claim, ending);
    } finally {
      stopListening();
    }
  }

  async #end(claim: TaskClaim, ending: Ending): Promise<void> {
    const release = (how: Ending) => this.#untilStored(() => this.#parts.queue.release(claim, how));
    const state = await release(ending).catch((error) => {
      if (ending.report.status !== 'completed' || this.#stopping.signal.aborted) throw error;
      // Better without its result than at work for ever.
      return release(unstorable(error));
    });
    if (!state) return;
    const { task_id: task, name, attempt } = claim.state;
    // An attempt that is followed by another has failed.
    const outcome = state.status === 'queued' ? 'failed' : (state.status as 'completed' | 'failed' | 'cancelled');
    this.#parts.telemetry.emit({ type: 'task_run', task, name: name ?? '', attempt, outcome });
    if (state.status === 'queued') this.enqueue(state);
  }

  /** Does it again, after growing pauses, while the store is away: a run that nobody ends would be begun once more. */
  async #untilStored<T>(work: () => Promise<T>, signal = this.#stopping.signal): Promise<T> {
    for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TidingsError && error.retryable) || signal.aborted) throw error;
        this.#parts.telemetry.emit({ type: 'failure', where: 'tasks', error });
        await this.#pause(pause, signal);
      }
    }
  }

  /** Waits, or rejects when the signal aborts. */
  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.#parts.clock.after(ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}

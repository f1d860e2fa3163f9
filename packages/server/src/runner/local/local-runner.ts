import { type Task, TidingsError } from '@tidings/protocol';
import { inTime } from '../../domain/in-time.ts';
import { reportOf, taskRecordId } from '../../tasks/record.ts';
import { type TaskState, taskView } from '../../tasks/task.ts';
import type { Ending, TaskClaim, TaskQueue } from '../../tasks/task-queue.ts';
import type { TaskDefinitions } from '../task-definitions.ts';
import { newRun, type StartOptions } from '../task-start.ts';
import { unstorable, withoutHandler } from './ending.ts';
import { HandlerRun, type HandlerRunParts } from './handler-run.ts';
import { QueuedTasks } from './queued-tasks.ts';
import { RunLog, type RunLogParts } from './run-log.ts';
import { Slots } from './slots.ts';
import { type BacklogTask, TaskBacklog } from './task-backlog.ts';

export interface LocalRunnerParts extends HandlerRunParts, RunLogParts {
  definitions: TaskDefinitions;
  queue: TaskQueue;
  /** The most handlers that run at a time, besides those that wait for a person. */
  concurrency: number;
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
  readonly #backlog: TaskBacklog;
  readonly #running = new Map<string, AbortController>();
  readonly #done = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #queuedAnywhere: QueuedTasks;

  constructor(parts: LocalRunnerParts) {
    const { watch, clock, definitions } = parts;
    this.#parts = parts;
    this.#slots = new Slots(parts.concurrency, () => this.#next());
    this.#backlog = new TaskBacklog({ definitions, clock, changed: () => this.#next() });
    this.#queuedAnywhere = new QueuedTasks({
      ...{ watch, clock },
      onQueued: (task) => definitions.of(task.name) && this.enqueue(task),
      onTaken: (taskId) => this.#backlog.remove(taskId),
      onEnded: (change) => this.#backlog.ended(() => reportOf(change).name ?? ''),
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
  enqueue(task: Pick<TaskState, 'task_id' | 'name' | 'run_at'>): void {
    this.#backlog.add(task);
  }

  /** Every few seconds: says that this runner lives, and takes up what nobody runs, as what waited at the last stop. */
  async poll(): Promise<void> {
    const { queue } = this.#parts;
    if (!(await queue.heartbeat())) {
      this.#abortAll(new TidingsError('conflict', 'this process was silent for too long; another one runs the task'));
    }
    for (const task of await queue.overdue()) this.enqueue(task);
    this.#backlog.ended();
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
    this.#backlog.stop();
    this.#abortAll(new TidingsError('unavailable', 'the process stops; the task is run again when it is back'));
    const { clock, queue } = this.#parts;
    await inTime(clock, stopMs, Promise.all(this.#done), () => {});
    // A lease that cannot be ended ends by itself.
    const failed = (error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: 'tasks', error });
    await queue.close().catch(failed);
  }

  #abortAll(reason: TidingsError): void {
    for (const controller of this.#running.values()) controller.abort(reason);
  }

  #next(): void {
    while (!this.#stopping.signal.aborted && this.#slots.hasRoom) {
      // A task that was begun anew waits until its last run has ended.
      const task = this.#backlog.first((taskId) => this.#running.has(taskId));
      if (!task) return;
      this.#begin(task);
    }
  }

  #begin(task: BacklogTask): void {
    const { id: taskId } = task;
    const controller = new AbortController();
    this.#running.set(taskId, controller);
    this.#slots.take();
    const slot = { isHeld: true };
    const done = this.#run(task, controller, slot)
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
  async #run(task: BacklogTask, controller: AbortController, slot: { isHeld: boolean }): Promise<void> {
    const { id: taskId } = task;
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
      const { ends } = this.#backlog;
      const claim = await this.#untilStored(() => queue.claim(taskId, this.#backlog.limitOf(task))).catch((error) => {
        // The next poll finds it again.
        this.#backlog.taken(taskId);
        throw error;
      });
      if (claim === 'full') return this.#backlog.waitFor(task, ends);
      this.#backlog.taken(taskId);
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

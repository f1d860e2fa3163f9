import { randomBytes } from 'node:crypto';
import { type Task, type TaskReport, TidingsError } from '@tidings/protocol';
import { newId } from '../../domain/ids.ts';
import type { Store } from '../../domain/ports.ts';
import { interrupted } from '../../domain/tasks/attempts.ts';
import { formerOf } from '../../domain/tasks/people.ts';
import { taskRecordId } from '../../domain/tasks/record.ts';
import { applyReport } from '../../domain/tasks/report.ts';
import { hasEnded, newTask, readTask, type TaskState, taskView } from '../../domain/tasks/task.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import { Asking, type AskingParts, type Attempt } from './asking.ts';
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
  store: Pick<Store, 'tasks' | 'record'>;
  telemetry: Telemetry;
  /** How many handlers may be at work at a time, besides those that wait for a person. */
  concurrency: number;
  /** Runs a handler so that what it sends without naming a user goes to the task's owner. */
  within: (owner: string | null, run: () => Promise<unknown>) => Promise<unknown>;
}

/** How a run of a handler ended. */
interface Ending {
  report: TaskReport;
  /** Whether running it again would not help. */
  isFinal: boolean;
}

/** How many tasks are read at a time after a restart. */
const recoveredAtOnce = 1_000;

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
  #stopping = false;

  constructor(parts: LocalRunnerParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.concurrency, () => this.#next());
  }

  define<Input>(name: string, handler: TaskHandler<Input>): void {
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
    const now = this.#parts.clock.now();
    const taskId = options.taskId ?? newId('t', now);
    const run = { input: JSON.stringify(input ?? null), claim: null, interruptions: 0, isFinal: false };
    const followers = (options.followers ?? []).map(String);
    const { totalSteps: total_steps = 0, message = '', data = {} } = options;
    const named = { name, total_steps, message, data: JSON.parse(JSON.stringify(data)), run };
    const stored = await this.#parts.tasks.change(taskId, (before) => {
      if (before && !isOnlyAwaited(before)) {
        throw new TidingsError('conflict', `the task ${taskId} exists already; give another taskId`);
      }
      const known = before ?? newTask(taskId, now);
      const owner = options.owner === undefined ? known.owner : String(options.owner);
      const people = { owner, followers, awaited: false };
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
    this.#stopping = true;
    for (const controller of this.#running.values()) {
      controller.abort(new TidingsError('unavailable', 'the process stops; the task is run again when it is back'));
    }
    await Promise.race([Promise.all(this.#done), new Promise((resolve) => setTimeout(resolve, 3_000).unref())]);
  }

  async #takeUp(left: TaskState): Promise<void> {
    const { tasks, clock } = this.#parts;
    const { state } = await tasks.change(left.task_id, (before) => interrupted(before ?? left, clock.now()));
    if (!hasEnded(state.status)) this.enqueue(state);
  }

  #next(): void {
    while (!this.#stopping && this.#slots.hasRoom) {
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
      if (change?.body.includes('"cancel_requested":true')) this.cancel(taskId);
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
    const at = new Date(this.#parts.clock.now()).toISOString();
    const { state } = await this.#parts.tasks.change(taskId, (before) => {
      if (!before?.run || before.status !== 'queued') return before as TaskState;
      const run = { ...before.run, claim };
      return { ...before, status: 'processing', started_at: at, updated_at: at, run };
    });
    const handler = this.#handlers.get(state.name ?? '');
    if (state.run?.claim !== claim || !handler) return true;
    const attempt = { state, claim, signal };
    const asking = new Asking(this.#parts, attempt, this.#slots);
    const ending = await this.#attempt(handler, attempt, asking);
    const holdsRoom = asking.end();
    if (ending) await this.#end(attempt, ending);
    return holdsRoom;
  }

  /** How the handler ended; null where the process stops and the task is to be run again. */
  async #attempt(handler: TaskHandler, attempt: Attempt, asking: Asking): Promise<Ending | null> {
    const { tasks, within } = this.#parts;
    const { state, signal } = attempt;
    const context: TaskContext<never> = {
      ...{ taskId: state.task_id, attempt: state.attempt, owner: state.owner, signal },
      input: JSON.parse(state.run?.input ?? 'null') as never,
      async progress(report) {
        signal.throwIfAborted();
        await tasks.report(state.task_id, { ...report, attempt: state.attempt });
      },
      ask: (question) => asking.ask(question),
    };
    try {
      const result = (await within(state.owner, async () => handler(context))) ?? null;
      return { report: { status: 'completed', result }, isFinal: false };
    } catch (error) {
      if (signal.aborted && this.#stopping) return null;
      const report: TaskReport = signal.aborted
        ? { status: 'cancelled', message: farewell(error, signal) }
        : { status: 'failed', error: (error as Error)?.message || String(error) };
      return { report, isFinal: error !== signal.reason && (error as { retryable?: unknown })?.retryable === false };
    }
  }

  /** Ends the attempt, unless another claim has taken the task over. */
  async #end({ state: { task_id, attempt, name }, claim }: Attempt, { report, isFinal }: Ending): Promise<void> {
    const { tasks, clock, telemetry } = this.#parts;
    let isOurs = false;
    const { state } = await tasks.change(task_id, (before) => {
      isOurs = before?.run?.claim === claim && !hasEnded(before.status);
      if (!isOurs || !before?.run) return before as TaskState;
      return { ...applyReport(before, task_id, report, clock.now()), run: { ...before.run, isFinal } };
    });
    const outcome = state.status as 'completed' | 'failed' | 'cancelled';
    if (isOurs) telemetry.emit({ type: 'task_run', task: task_id, name: name ?? '', attempt, outcome });
  }
}

/** Known by a notification that follows it, and by nothing else. */
const isOnlyAwaited = ({ awaited, status }: TaskState): boolean => awaited && !hasEnded(status);

/** What a handler has to say about where a cancel left its work; most just pass the abort on. */
function farewell(error: unknown, signal: AbortSignal): string {
  const isOwnWord = error instanceof Error && error !== signal.reason && error.name !== 'AbortError';
  return (isOwnWord && error.message) || 'Cancelled';
}

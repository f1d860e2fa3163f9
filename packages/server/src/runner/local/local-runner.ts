import { randomBytes } from 'node:crypto';
import { type Task, type TaskReport, TidingsError } from '@tidings/protocol';
import { newId } from '../../domain/ids.ts';
import type { Clock, Store } from '../../domain/ports.ts';
import type { TaskLanes } from '../../domain/tasks/lanes.ts';
import { hasEnded, newTask, type TaskState, taskView } from '../../domain/tasks/task.ts';
import type { Telemetry } from '../../telemetry/events.ts';

/** What a handler is given. */
export interface TaskContext<Input = unknown> {
  taskId: string;
  input: Input;
  /** Counted from 1; a task that was interrupted by a restart is run again. */
  attempt: number;
  owner: string | null;
  /** Aborted when the task is to stop: by its owner, or because the process does. */
  signal: AbortSignal;
  /** Reports how far it has come; resolves when that is stored. */
  progress(
    report: Pick<TaskReport, 'message' | 'progress' | 'step' | 'step_number' | 'total_steps' | 'data'>,
  ): Promise<void>;
}

/** Does the work; what it returns is the task's result, and what it throws, its error: once cancelled, its last message. */
export type TaskHandler<Input = never> = (context: TaskContext<Input>) => Promise<unknown> | unknown;

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

export interface LocalRunnerParts {
  store: Pick<Store, 'tasks'>;
  tasks: TaskLanes;
  clock: Clock;
  telemetry: Telemetry;
  concurrency: number;
  /** Runs a handler so that what it sends without naming a user goes to the task's owner. */
  within: (owner: string | null, run: () => Promise<unknown>) => Promise<unknown>;
}

/** How often a task is begun in all, before one that is interrupted again and again is given up. */
const maxAttempts = 3;

/** How many tasks are read at a time after a restart. */
const recoveredAtOnce = 1_000;

/**
 * Runs tasks in this process. The store is the queue: a task is stored before it is begun, so a restart loses none, and
 * what it interrupted is run again.
 */
export class LocalRunner {
  readonly #parts: LocalRunnerParts;
  readonly #handlers = new Map<string, TaskHandler>();
  readonly #queue: string[] = [];
  readonly #waitingForHandler = new Map<string, string[]>();
  readonly #running = new Map<string, AbortController>();
  readonly #done = new Set<Promise<void>>();
  #stopping = false;

  constructor(parts: LocalRunnerParts) {
    this.#parts = parts;
  }

  define<Input>(name: string, handler: TaskHandler<Input>): void {
    if (this.#handlers.has(name)) throw new TidingsError('conflict', `a task named "${name}" is defined already`);
    this.#handlers.set(name, handler as TaskHandler);
    this.#queue.push(...(this.#waitingForHandler.get(name) ?? []));
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
    const run = { input: JSON.stringify(input ?? null), claim: null };
    const owner = options.owner === undefined ? null : String(options.owner);
    const followers = (options.followers ?? []).map(String);
    const { totalSteps: total_steps = 0, message = '', data = {} } = options;
    const named = { name, owner, followers, total_steps, message, data: JSON.parse(JSON.stringify(data)) };
    const stored = await this.#parts.tasks.change(taskId, (before) => {
      if (before) throw new TidingsError('conflict', `the task ${taskId} exists already; give another taskId`);
      return { ...newTask(taskId, now), ...named, run };
    });
    this.#queue.push(taskId);
    this.#next();
    return taskView(stored.state, stored.rev);
  }

  /** Takes up what the last process left: what waited, and what it was interrupted in. */
  async recover(): Promise<void> {
    for (const status of ['processing', 'queued'] as const) {
      const left: TaskState[] = [];
      for (let before: number | null = null; ; ) {
        const records = await this.#parts.store.tasks({ owner: null, status, before, limit: recoveredAtOnce });
        left.push(...records.map((record) => JSON.parse(record.state as string) as TaskState).filter(({ run }) => run));
        if (records.length < recoveredAtOnce) break;
        before = records.at(-1)?.rev ?? null;
      }
      for (const state of left.reverse()) await this.#takeUp(state);
    }
    this.#next();
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

  async #takeUp(state: TaskState): Promise<void> {
    const at = new Date(this.#parts.clock.now()).toISOString();
    if (state.status === 'processing') {
      const { state: next } = await this.#parts.tasks.change(state.task_id, (before) =>
        afterInterruption(before ?? state, at),
      );
      if (hasEnded(next.status)) return;
    }
    const name = state.name ?? '';
    if (this.#handlers.has(name)) this.#queue.push(state.task_id);
    else this.#waitingForHandler.set(name, [...(this.#waitingForHandler.get(name) ?? []), state.task_id]);
  }

  #next(): void {
    while (!this.#stopping && this.#running.size < this.#parts.concurrency) {
      const taskId = this.#queue.shift();
      if (taskId === undefined) return;
      const controller = new AbortController();
      this.#running.set(taskId, controller);
      const done = this.#run(taskId, controller.signal)
        .catch((error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: `task ${taskId}`, error }))
        .finally(() => {
          this.#running.delete(taskId);
          this.#done.delete(done);
          this.#next();
        });
      this.#done.add(done);
    }
  }

  async #run(taskId: string, signal: AbortSignal): Promise<void> {
    const claim = randomBytes(8).toString('base64url');
    const at = new Date(this.#parts.clock.now()).toISOString();
    const { state } = await this.#parts.tasks.change(taskId, (before) => {
      if (!before?.run || before.status !== 'queued') return before as TaskState;
      const run = { ...before.run, claim };
      return { ...before, status: 'processing', started_at: at, updated_at: at, run };
    });
    const handler = this.#handlers.get(state.name ?? '');
    if (state.run?.claim !== claim || !handler) return;
    const ending = await this.#attempt(handler, state, signal);
    if (ending) await this.#end(taskId, claim, ending);
  }

  /** How the handler ended; null where the process stops and the task is to be run again. */
  async #attempt(handler: TaskHandler, state: TaskState, signal: AbortSignal): Promise<TaskReport | null> {
    const { tasks, within } = this.#parts;
    const context: TaskContext<never> = {
      ...{ taskId: state.task_id, attempt: state.attempt, owner: state.owner, signal },
      input: JSON.parse(state.run?.input ?? 'null') as never,
      async progress(report) {
        signal.throwIfAborted();
        await tasks.report(state.task_id, report);
      },
    };
    try {
      return { status: 'completed', result: (await within(state.owner, async () => handler(context))) ?? null };
    } catch (error) {
      if (signal.aborted) return this.#stopping ? null : { status: 'cancelled', message: farewell(error, signal) };
      return { status: 'failed', error: (error as Error)?.message || String(error) };
    }
  }

  /** Ends the attempt, unless another claim has taken the task over. */
  async #end(taskId: string, claim: string, ending: TaskReport): Promise<void> {
    const current = await this.#parts.tasks.get(taskId);
    if (current?.state.run?.claim !== claim || hasEnded(current.state.status)) return;
    const { state } = await this.#parts.tasks.report(taskId, ending);
    const outcome = state.status as 'completed' | 'failed' | 'cancelled';
    this.#parts.telemetry.emit({
      type: 'task_run',
      task: taskId,
      name: state.name ?? '',
      attempt: state.attempt,
      outcome,
    });
  }
}

/** What a handler has to say about where a cancel left its work; most just pass the abort on. */
function farewell(error: unknown, signal: AbortSignal): string {
  const isOwnWord = error instanceof Error && error !== signal.reason && error.name !== 'AbortError';
  return (isOwnWord && error.message) || 'Cancelled';
}

function afterInterruption(state: TaskState, at: string): TaskState {
  if (state.status !== 'processing') return state;
  const common = { ...state, updated_at: at, run: state.run && { ...state.run, claim: null } };
  if (state.cancel_requested) return { ...common, status: 'cancelled', message: 'Cancelled', ended_at: at };
  if (state.attempt >= maxAttempts) {
    return {
      ...common,
      status: 'failed',
      ended_at: at,
      error: `The server stopped in each of ${maxAttempts} attempts`,
    };
  }
  const message = 'Interrupted by a restart; starting again';
  return {
    ...common,
    status: 'queued',
    attempt: state.attempt + 1,
    progress: 0,
    step: null,
    step_number: 0,
    message,
    started_at: null,
  };
}

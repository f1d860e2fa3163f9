import { TidingsError } from '@tidings/protocol';
import type { Ending } from '../../tasks/task-queue.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import type { InputReaders } from '../input-readers.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskDefinition } from '../task-definition.ts';
import { Asking, type AskingParts, type Attempt } from './asking.ts';
import { cancelled, completed, failed, timedOut, unfit } from './ending.ts';
import { contextOf } from './handler-context.ts';
import type { Slots } from './slots.ts';
import { TimeLimit } from './time-limit.ts';

export interface HandlerRunParts extends AskingParts {
  telemetry: Telemetry;
  read: InputReaders;
  /** Runs a handler so that what it sends without naming a user goes to the task's owner. */
  within: (owner: string | null, run: () => Promise<unknown>) => Promise<unknown>;
}

/** Time that a handler may take to stop after its time is over, ms. */
const graceMs = 3_000;

/** One call of a handler, in the time that it may take. */
export class HandlerRun {
  readonly #parts: HandlerRunParts;
  readonly #definition: TaskDefinition;
  readonly #attempt: Attempt;
  readonly #asking: Asking;
  readonly #stopping: AbortSignal;
  #limit: TimeLimit | null = null;
  #isLate = false;
  #holdsSlot = true;

  /** @param stopping aborted when the process stops */
  constructor(
    parts: HandlerRunParts,
    definition: TaskDefinition,
    attempt: Attempt,
    slots: Slots,
    stopping: AbortSignal,
  ) {
    this.#parts = parts;
    this.#definition = definition;
    this.#attempt = attempt;
    this.#stopping = stopping;
    this.#asking = new Asking(parts, attempt, {
      free: () => {
        this.#limit?.pause();
        slots.free();
      },
      comeBack: async (signal) => {
        await slots.comeBack(signal);
        this.#limit?.resume();
      },
    });
  }

  /** False once it has ended while it waited for an answer. */
  get holdsSlot(): boolean {
    return this.#holdsSlot;
  }

  /**
   * Resolves with how it ended, and with the pause before another attempt; null if the process stops, and the task is to be run again.
   * @param abort called once its time is over
   */
  async end(abort: (reason: TidingsError) => void): Promise<Ending | null> {
    const { timeoutMs } = this.#definition;
    const late = Promise.withResolvers<Ending>();
    let endGrace = (): void => {};
    this.#limit = new TimeLimit(this.#parts.clock, timeoutMs, () => {
      const ending = timedOut(timeoutMs as number);
      this.#isLate = true;
      abort(new TidingsError('conflict', ending.report.error as string));
      // A handler that does not listen holds up no other task.
      endGrace = this.#parts.clock.after(graceMs, () => late.resolve(ending));
    });
    this.#limit.resume();
    const ending = await Promise.race([this.#call(), late.promise]);
    this.#limit.pause();
    endGrace();
    this.#holdsSlot = this.#asking.end();
    if (ending?.report.status !== 'failed' || ending.isFinal) return ending;
    const failures = (this.#attempt.claim.state.run?.failures ?? 0) + 1;
    const retryInMs = this.#definition.pauseAfter(failures);
    return retryInMs === null ? ending : { ...ending, retryInMs };
  }

  async #call(): Promise<Ending | null> {
    const { claim, signal } = this.#attempt;
    let input: unknown;
    try {
      input = await this.#definition.readInput(JSON.parse(claim.state.run?.input ?? 'null'));
    } catch (error) {
      return unfit(error);
    }
    try {
      const context = contextOf(input, this.#attempt, this.#asking, this.#parts) as TaskContext<never>;
      const result = await this.#parts.within(claim.state.owner, async () => this.#definition.handler(context));
      return completed(result, this.#parts.read.json);
    } catch (error) {
      if (signal.aborted && this.#stopping.aborted) return null;
      if (this.#isLate) return timedOut(this.#definition.timeoutMs as number);
      return signal.aborted ? cancelled(error, signal.reason) : failed(error);
    }
  }
}

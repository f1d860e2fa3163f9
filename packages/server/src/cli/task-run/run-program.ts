import { constants } from 'node:os';
import { TidingsError } from '@tidings/protocol';
import type { Sender, Task, TaskReport } from '@tidings/sender';
import type { Clock } from '../../domain/ports.ts';
import { ChildProgram, type ProgramEnd } from './child-program.ts';
import { RunOutput } from './run-output.ts';
import { RunReports } from './run-reports.ts';

/** The exit codes beside those of the program, as `env` and `timeout` have them. */
export const runExitCodes = { notReported: 125, notRunnable: 126, notFound: 127 } as const;

export interface RunOptions {
  sender: Sender;
  task: Task;
  program: string;
  args: readonly string[];
  clock: Pick<Clock, 'after'>;
  graceMs: number;
  /** True: no line of the output is read as a marker. */
  isPlain: boolean;
  /** Calls the listener with each signal that comes for this process, and with those that have come since the start. */
  onSignal(listener: (signal: NodeJS.Signals) => void): void;
  /** Says something to the person at the terminal. */
  say(message: string): void;
}

/** Runs a program as a task that has begun. Resolves with the exit code when the task has ended, too. */
export async function runProgram(options: RunOptions): Promise<number> {
  return new ProgramRun(options).run();
}

class ProgramRun {
  readonly #options: RunOptions;
  readonly #reports: RunReports;
  readonly #output: RunOutput;
  readonly #watching = new AbortController();
  #program: ChildProgram | null = null;
  /** The reason why the program is to stop, and the signal that says so. */
  #stopping: { reason: string; signal: NodeJS.Signals } | null = null;
  /** The newest failure that was said, so that it is said once. */
  #lastFailure = '';

  constructor(options: RunOptions) {
    const { sender, task, clock, isPlain, say } = options;
    this.#options = options;
    this.#reports = new RunReports({
      ...{ tasks: sender.tasks, clock, taskId: task.task_id, attempt: task.attempt },
      onChange: (seen) => this.#look(seen),
      onFailure: (error) => this.#sayOnce(`a report was not taken: ${error.message}`),
    });
    this.#output = new RunOutput({
      isPlain,
      onProgress: (progress) => this.#reports.add(progress),
      onText: (text, from) => this.#log(text, from),
      onFault: say,
    });
  }

  async run(): Promise<number> {
    const { onSignal, program, task } = this.#options;
    onSignal((signal) => this.#stop(`Cancelled by ${signal}`, signal));
    const early = this.#stopping as { reason: string; signal: NodeJS.Signals } | null;
    if (early) {
      await this.#end({ status: 'cancelled', message: `${early.reason} before it began` }, task);
      return exitCodeOf({ code: null, signal: early.signal });
    }
    try {
      this.#program = await this.#start();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const isFound = code !== 'ENOENT';
      const reasons: Record<string, string> = { ENOENT: 'there is no such program', EACCES: 'it may not be executed' };
      const reason = `${program} cannot be run: ${reasons[code ?? ''] ?? message}`;
      this.#options.say(reason);
      await this.#end({ status: 'failed', error: reason }, task);
      return isFound ? runExitCodes.notRunnable : runExitCodes.notFound;
    }
    return this.#follow(this.#program);
  }

  async #follow(program: ChildProgram): Promise<number> {
    if (this.#stopping) program.stop(this.#stopping.signal);
    this.#watch();
    const end = await program.ended;
    this.#watching.abort();
    const report = this.#stopping ? this.#output.cancelledBy(this.#stopping.reason) : this.#output.endOf(end);
    const isReported = await this.#end(report, this.#options.task);
    const code = exitCodeOf(end);
    return code === 0 && !isReported ? runExitCodes.notReported : code;
  }

  #start(): Promise<ChildProgram> {
    const { program, args, clock, graceMs, isPlain, task } = this.#options;
    const environment = { ...process.env, TIDINGS_TASK_ID: task.task_id, TIDINGS_TASK_ATTEMPT: String(task.attempt) };
    const { stdout, stderr } = process;
    return ChildProgram.start({
      ...{ program, args, environment, stdout, stderr, clock, graceMs, isPlain },
      onLine: this.#output.add,
    });
  }

  /** Follows the task, for as long as the program runs. */
  #watch(): void {
    const { sender, task } = this.#options;
    const { signal } = this.#watching;
    const seen = (now: Task): void => this.#look(now);
    sender.tasks.watch(task.task_id, seen, { signal }).catch((error: TidingsError) => {
      if (!signal.aborted) this.#sayOnce(`the task is not followed any more: ${error.message}`);
    });
  }

  /** Looks whether somebody wants the program to stop. */
  #look({ status, attempt, cancel_requested }: Task): void {
    if (this.#stopping) return;
    if (attempt > this.#options.task.attempt) this.#stop('Another run took its place', 'SIGTERM');
    else if (cancel_requested || status === 'cancelled') this.#stop('Cancelled as asked for', 'SIGTERM');
  }

  /** Adds a line to the log of the task. The end of the task, which is reported later, waits until it is stored. */
  #log(text: string, from: 'stdout' | 'stderr'): void {
    const { sender, task } = this.#options;
    const level = from === 'stderr' ? 'warn' : 'info';
    sender.tasks.log(task.task_id, text, { level, attempt: task.attempt }).catch((error: TidingsError) => {
      this.#sayOnce(`the log of the task lacks lines: ${error.message}`);
    });
  }

  #stop(reason: string, signal: NodeJS.Signals): void {
    if (!this.#stopping) this.#options.say(`${reason}; ending the program`);
    this.#stopping ??= { reason, signal };
    this.#program?.stop(signal);
  }

  /** Reports the end. @returns false if it did not get through */
  async #end(report: TaskReport, { task_id, attempt }: Task): Promise<boolean> {
    try {
      const ended = await this.#deliver(report);
      if (ended.attempt === attempt) return ended.status === report.status;
      this.#options.say(`the end of this run does not count: task ${task_id} is at attempt ${ended.attempt}`);
    } catch (error) {
      this.#options.say(
        `the task ${task_id} does not show how it ended (${report.status}): ${(error as TidingsError).message}`,
      );
    }
    return false;
  }

  /** A result that cannot be stored fails the task: its work was done, and running it again would not help. */
  async #deliver(report: TaskReport): Promise<Task> {
    try {
      return await this.#reports.end(report);
    } catch (error) {
      const isFault = error instanceof TidingsError && ['bad_request', 'payload_too_large'].includes(error.code);
      if (!isFault || report.result === undefined || report.result === null) throw error;
      const reason = `its result cannot be stored: ${error.message}`;
      this.#options.say(reason);
      return this.#reports.end({ status: 'failed', error: `It ended well, but ${reason}` });
    }
  }

  #sayOnce(message: string): void {
    if (message !== this.#lastFailure) this.#options.say(message);
    this.#lastFailure = message;
  }
}

/** The exit code of a program as a shell gives it: 128 and the number of the signal that ended it. */
const exitCodeOf = ({ code, signal }: ProgramEnd): number => code ?? 128 + (signal ? constants.signals[signal] : 0);

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../domain/ports.ts';
import { LineReader } from './line-reader.ts';

export interface ProgramEnd {
  /** Null if a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  program: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Its output is passed on to these, no faster than they take it. */
  stdout: Writable;
  stderr: Writable;
  clock: Pick<Clock, 'after'>;
  /** Milliseconds from the first signal until what still runs is killed. */
  graceMs: number;
  /** True: a line that begins with `::result` is cut as any other. */
  isPlain: boolean;
  /** Called with each line of its output. @param isRest true for what follows in a line that was cut */
  onLine(line: string, from: 'stdout' | 'stderr', isRest: boolean): void;
}

/** Milliseconds for the output after the end of the program: a process that it left behind may hold it open for ever. */
const outputMs = 2_000;

/** A group of its own gets each signal once, with all processes the program has started. Windows has no such groups. */
const hasGroup = process.platform !== 'win32';

/** A program that runs, whose output is passed through as it is, and read line by line. */
export class ChildProgram {
  readonly #child: ChildProcess;
  readonly #options: ProgramOptions;
  readonly #outputs: Promise<unknown>;
  #cancelTimer = (): void => {};
  #isStopping = false;
  #hasExited = false;
  /** Outputs that wait until what they are passed on to takes more. */
  #waiting = 0;
  /** Resolves when the program and its output have ended. */
  readonly ended: Promise<ProgramEnd>;

  private constructor(child: ChildProcess, options: ProgramOptions) {
    this.#child = child;
    this.#options = options;
    this.#outputs = Promise.all([this.#passThrough('stdout'), this.#passThrough('stderr')]);
    this.ended = this.#end();
  }

  /** Starts it. Rejects with the error of the system: `ENOENT` if there is no such program, `EACCES` if it may not be run. */
  static async start(options: ProgramOptions): Promise<ChildProgram> {
    const { program, args, environment: env } = options;
    const child = spawn(program, args, { env, stdio: ['inherit', 'pipe', 'pipe'], detached: hasGroup });
    const running = new ChildProgram(child, options);
    running.ended.catch(() => {});
    await once(child, 'spawn');
    return running;
  }

  /** Passes a signal on, to the program and what it has started; what still runs after the grace, or at a second one, is killed. */
  stop(signal: NodeJS.Signals): void {
    if (this.#isStopping) {
      this.#kill();
      return;
    }
    this.#isStopping = true;
    this.#send(signal);
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(this.#options.graceMs, () => this.#kill());
  }

  async #end(): Promise<ProgramEnd> {
    const [code, signal] = await once(this.#child, 'exit');
    // The processes that it has started have the rest of the grace.
    this.#hasExited = true;
    this.#awaitOutputs();
    await this.#outputs;
    this.#cancelTimer();
    return { code, signal };
  }

  /** Gives the output its time after the end of the program. Time in which nobody takes it does not count: a reader may pause, as `less` does. */
  #awaitOutputs(): void {
    if (!this.#hasExited || this.#isStopping) return;
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#waiting > 0) return;
    this.#cancelTimer = this.#options.clock.after(outputMs, () => this.#closeOutputs());
  }

  #passThrough(name: 'stdout' | 'stderr'): Promise<void> {
    const { isPlain, onLine, [name]: to } = this.#options;
    const lines = new LineReader({ isPlain, onLine: (line, isRest) => onLine(line, name, isRest) });
    return passThrough(this.#child[name] as Readable, to, lines, (change) => {
      this.#waiting += change;
      this.#awaitOutputs();
    });
  }

  #kill(): void {
    this.#send('SIGKILL');
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(outputMs, () => this.#closeOutputs());
  }

  #closeOutputs(): void {
    for (const output of [this.#child.stdout, this.#child.stderr]) output?.destroy();
  }

  #send(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(hasGroup ? -pid : pid, signal);
    } catch {
      // It has ended.
    }
  }
}

/**
 * Resolves when the output has ended. Whoever reads it may stop: then the program goes on, and is read on.
 * @param waits called with 1 when it begins to wait for `to`, and with -1 when that is over
 */
function passThrough(from: Readable, to: Writable, lines: LineReader, waits: (change: 1 | -1) => void): Promise<void> {
  let isOpen = true;
  let isWaiting = false;
  const goOn = (): void => {
    if (!isWaiting) return;
    isWaiting = false;
    from.resume();
    waits(-1);
  };
  to.on('drain', goOn);
  to.on('error', () => {
    isOpen = false;
    goOn();
  });
  from.on('data', (bytes: Buffer) => {
    lines.write(bytes);
    if (!isOpen || to.write(bytes)) return;
    // Node resumes the outputs of a process that exits, so this may come while it waits.
    from.pause();
    if (!isWaiting) waits(1);
    isWaiting = true;
  });
  from.on('error', () => {});
  return new Promise((resolve) => {
    from.once('close', () => {
      lines.end();
      resolve();
    });
  });
}

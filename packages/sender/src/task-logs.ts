import { LogGatherer, type TaskLogLevel, TidingsError, withoutOuterHalves } from '@tidings/protocol';
import { type Clock, systemClock } from './clock.ts';
import type { SenderPort } from './port.ts';

const levels: readonly TaskLogLevel[] = ['debug', 'info', 'warn', 'error'];
/** The most bytes of a line. */
const lineBytes = 65_536;
const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The options of `tasks.log` and `tasks.stream`. */
export interface TaskLogOptions {
  /** By default `info`. */
  level?: TaskLogLevel;
  /** The attempt of the task that it is of: once that is over, it is refused as `conflict`. By default the attempt that the task is in. */
  attempt?: number;
}

interface Entry {
  /** Those of attempts, and under null that of what is given without one. */
  gatherers: Map<number | null, LogGatherer>;
  /** Resolves when what was added until then is stored or refused; null while nothing is waited for. */
  flushing: Promise<void> | null;
}

/** Gathers what is added to logs of tasks, those of each task by themselves. */
export class TaskLogs {
  readonly #port: SenderPort;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(port: SenderPort, clock: Clock = systemClock) {
    this.#port = port;
    this.#clock = clock;
  }

  line(taskId: string, text: unknown, { level, attempt }: TaskLogOptions): Promise<void> {
    const line = checkedText(text, 'tasks.log');
    check(!halves.test(line), 'bad_request', 'tasks.log needs text without halves of surrogate pairs');
    const bytes = new TextEncoder().encode(line).length;
    check(
      bytes <= lineBytes,
      'payload_too_large',
      `a line of a log has ${lineBytes} bytes at most, and this one ${bytes}; send it in parts, by tasks.stream`,
    );
    return this.#add(taskId, checkedAttempt(attempt), (gatherer) => gatherer.line(line, checkedLevel(level)));
  }

  chunk(taskId: string, text: unknown, { level, attempt }: TaskLogOptions): Promise<void> {
    const chunk = checkedText(text, 'tasks.stream');
    check(
      !halves.test(withoutOuterHalves(chunk)),
      'bad_request',
      'tasks.stream needs text without halves of surrogate pairs inside',
    );
    return this.#add(taskId, checkedAttempt(attempt), (gatherer) => gatherer.chunk(chunk, checkedLevel(level)));
  }

  /**
   * Waits for the log of a task where its end is to be reported, since nothing is added to it after that, and where that is waited for already.
   * @returns null if there is nothing to wait for
   */
  before(taskId: string, isEnd: boolean): Promise<void> | null {
    const entry = this.#entries.get(taskId);
    if (!entry || (!isEnd && !entry.flushing)) return null;
    entry.flushing ??= Promise.all([...entry.gatherers.values()].map((gatherer) => gatherer.flush())).then(() => {
      entry.flushing = null;
      this.#forgetIdle(taskId, entry);
    });
    return entry.flushing;
  }

  /** Resolves when all that was added is stored or refused. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((taskId) => this.before(taskId, true)));
  }

  async #add(taskId: string, attempt: number | null, add: (gatherer: LogGatherer) => Promise<void>): Promise<void> {
    const entry = this.#entries.get(taskId) ?? { gatherers: new Map(), flushing: null };
    this.#entries.set(taskId, entry);
    const gatherer = entry.gatherers.get(attempt) ?? this.#open(taskId, attempt);
    entry.gatherers.set(attempt, gatherer);
    try {
      await add(gatherer);
    } finally {
      this.#forgetIdle(taskId, entry);
    }
  }

  #forgetIdle(taskId: string, { gatherers }: Entry): void {
    for (const [attempt, gatherer] of gatherers) if (gatherer.isIdle) gatherers.delete(attempt);
    if (gatherers.size === 0 && this.#entries.get(taskId)?.gatherers === gatherers) this.#entries.delete(taskId);
  }

  #open(taskId: string, attempt: number | null): LogGatherer {
    return new LogGatherer({
      clock: { now: () => Date.now(), after: (ms, call) => this.#clock.after(ms, call) },
      send: (entries) => this.#port.addToTaskLog(taskId, { entries, ...(attempt === null ? {} : { attempt }) }),
    });
  }
}

function check(isGood: boolean, code: 'bad_request' | 'payload_too_large', message: string): asserts isGood {
  if (!isGood) throw new TidingsError(code, message);
}

function checkedText(text: unknown, name: string): string {
  check(typeof text === 'string', 'bad_request', `${name} needs a text; got ${text === null ? 'null' : typeof text}`);
  check(!text.includes('\0'), 'bad_request', `${name} needs text without NUL`);
  return text;
}

function checkedLevel(level: unknown = 'info'): TaskLogLevel {
  const known = levels.find((one) => one === level);
  check(known !== undefined, 'bad_request', `the level of a log is ${levels.join(', ')}; got ${String(level)}`);
  return known;
}

function checkedAttempt(attempt: unknown): number | null {
  if (attempt === undefined) return null;
  const isGood = Number.isSafeInteger(attempt) && (attempt as number) >= 1;
  check(isGood, 'bad_request', `the attempt of a log is a whole number from 1; got ${String(attempt)}`);
  return attempt as number;
}

import { randomUUID } from 'node:crypto';
import { LogGatherer, type TaskLogLevel, type TaskLogLine, TidingsError } from '@tidings/protocol';
import type { Clock } from '../../domain/ports.ts';
import type { TaskLogs } from '../../tasks/task-logs.ts';
import type { TaskClaim } from '../../tasks/task-queue.ts';
import type { InputReaders } from '../input-readers.ts';

export interface RunLogParts {
  logs: Pick<TaskLogs, 'add' | 'check'>;
  clock: Clock;
  read: InputReaders;
}

/** The log of a task in one run of its handler. */
export class RunLog {
  readonly #read: InputReaders;
  readonly #logs: RunLogParts['logs'];
  readonly #gatherer: LogGatherer;
  #hasEnded = false;

  /** @param untilStored does something again while the store is away */
  constructor(
    { logs, clock, read }: RunLogParts,
    { state: { task_id, attempt } }: TaskClaim,
    untilStored: (work: () => Promise<unknown>) => Promise<unknown>,
  ) {
    this.#read = read;
    this.#logs = logs;
    this.#gatherer = new LogGatherer({
      clock,
      send(lines) {
        // A batch of which nobody knows if it was stored is sent again under its key, which stores it once.
        const addition = { entries: lines.map(entryOf), attempt, once: `run\n${randomUUID()}` };
        return untilStored(() => logs.add(task_id, addition));
      },
    });
  }

  async line(line: unknown, options: unknown): Promise<void> {
    this.#refuseIfEnded();
    const { text, level } = this.#read.log(line, options);
    this.#logs.check(text);
    await this.#gatherer.line(text, level);
  }

  async chunk(chunk: unknown, options: unknown): Promise<void> {
    this.#refuseIfEnded();
    const { text, level } = this.#read.chunk(chunk, options);
    await this.#gatherer.chunk(text, level);
  }

  /** Resolves when all of it is stored, or refused. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#gatherer.flush();
  }

  #refuseIfEnded(): void {
    if (this.#hasEnded) throw new TidingsError('conflict', 'the handler has ended, and its log with it');
  }
}

const entryOf = ({ text, kind = 'line', level = 'info', at }: TaskLogLine & { level?: TaskLogLevel }) => ({
  ...{ text, kind, level },
  at: Date.parse(at as string),
});

import type { ReadStep } from '../steps.ts';
import { Answers } from './answers.ts';
import type { ReaderAnswers, ReaderMessage, ReaderRequest } from './messages.ts';
import type { PackedRows } from './packed-rows.ts';
import { sqliteStatements } from './statements.ts';
import { moduleOf, Thread } from './thread.ts';

/** The thread that reads. Reads of the same tick go to it in one message. */
export class Reader {
  readonly #answers = new Answers();
  readonly #thread: Thread<ReaderAnswers>;
  #reads: ReaderRequest[] = [];

  constructor(path: string) {
    const data = { path, statements: sqliteStatements };
    this.#thread = new Thread(moduleOf('reader-thread'), data, (error) => this.#answers.fail(error));
    this.#thread.onMessage(({ answers, isLarge }) => {
      for (const answer of answers) this.#answers.settle(answer);
      // Runs after the callers that wait for these answers.
      if (isLarge) setImmediate(() => this.#post('taken'));
    });
  }

  /** True if it ended. It held nothing, so that another can take its place. */
  get isDead(): boolean {
    return this.#answers.death !== null;
  }

  read(steps: readonly ReadStep[]): Promise<PackedRows[]> {
    return this.#answers.ask<PackedRows[]>((id) => {
      if (this.#reads.push({ id, steps }) === 1) queueMicrotask(() => this.#sendReads());
    });
  }

  async close(): Promise<void> {
    this.#post('close');
    await this.#thread.ended();
  }

  #sendReads(): void {
    const reads = this.#reads;
    this.#reads = [];
    this.#post(JSON.stringify(reads) as ReaderMessage);
  }

  #post(message: ReaderMessage): void {
    this.#thread.post(message);
  }
}

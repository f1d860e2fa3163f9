import type { Head } from '../../domain/store/history.ts';
import type { Applied, Attempt, SqlEngine, WriteGroup } from '../engine.ts';
import type { AnyRow, ReadStep, Step } from '../steps.ts';
import type { Opened, ReaderMessage, ReaderRequest, WriterRequest } from './messages.ts';
import { type PackedRows, unpack } from './packed-rows.ts';
import { sqliteStatements } from './statements.ts';
import { raise, Thread } from './thread.ts';

type Unnumbered = WriterRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** SQLite behind two threads, one that writes and one that reads, so that no disk is ever waited for here. */
export class SqliteEngine implements SqlEngine {
  readonly isShared = false;
  readonly #path: string;
  readonly #now: () => number;
  #writer: Thread | undefined;
  #reader: Thread | undefined;
  #reads: ReaderRequest[] = [];
  #closing = false;

  /** @param now the clock by which scheduled notifications, snoozes and expiries are due */
  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  async open(): Promise<Head> {
    const writer = this.#thread('writer-thread');
    const first = await writer.first<Opened>();
    if ('failed' in first) {
      writer.post(asText({ id: 0, do: 'close' }));
      throw raise(first.failed);
    }
    writer.listen();
    this.#writer = writer;
    this.#reader = this.#newReader();
    return first.opened;
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    return this.#ask<Applied>({ do: 'apply', groups });
  }

  /** Reads of the same tick go to the thread in one message. One that ended is replaced: it holds nothing. */
  async read(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    if (!this.#closing && this.#reader?.death) {
      this.#reads = [];
      this.#reader = this.#newReader();
    }
    const reader = this.#reader as Thread;
    const found = await reader.ask<PackedRows[]>((id) => {
      if (this.#reads.push({ id, steps }) === 1) queueMicrotask(() => this.#sendReads());
    });
    return found.map(unpack);
  }

  async delivered(marks: readonly [string, number][]): Promise<void> {
    await this.#ask({ do: 'delivered', marks });
  }

  write(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#ask<AnyRow[][]>({ do: 'write', steps });
  }

  async rehearse(attempt: Attempt): Promise<void> {
    await this.#ask({ do: 'rehearse', attempt });
  }

  forgetRetractions(before: number, limit: number): Promise<number> {
    return this.#ask<number>({ do: 'forgetRetractions', before, limit });
  }

  /** The threads say so themselves: one that waits for a disk answers nobody. */
  async probe(): Promise<void> {
    await Promise.all([this.#ask({ do: 'probe' }), this.read([])]);
  }

  async now(): Promise<number> {
    return this.#now();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#reader?.post('close' satisfies ReaderMessage);
    await this.#reader?.ended();
    // Last, since who closes a database last moves the write-ahead log into its file, and a reader cannot.
    this.#writer?.post(asText({ id: 0, do: 'close' }));
    await this.#writer?.ended();
  }

  trouble(): string | null {
    const death = this.#writer?.death;
    return death ? `the thread that writes the database ended: ${death.message}; restart this process` : null;
  }

  #newReader(): Thread {
    const reader = this.#thread('reader-thread');
    reader.listen();
    return reader;
  }

  #thread(name: string): Thread {
    return new Thread(moduleOf(name), { path: this.#path, statements: sqliteStatements });
  }

  #ask<T>(request: Unnumbered): Promise<T> {
    const writer = this.#writer as Thread;
    return writer.ask<T>((id) => writer.post(asText({ ...request, id })));
  }

  #sendReads(): void {
    const reads = this.#reads;
    this.#reads = [];
    this.#reader?.post(reads);
  }
}

/** Requests cross to the writer as JSON, as its answers do: many small objects cost half of what they do as a structured clone. */
const asText = (request: WriterRequest): string => JSON.stringify(request);

/** A thread's module, beside this one: the source in the repository, the build when published. */
const moduleOf = (name: string): URL =>
  new URL(import.meta.url.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, import.meta.url);

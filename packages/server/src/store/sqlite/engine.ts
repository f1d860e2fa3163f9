import type { Head } from '../../domain/store/history.ts';
import type { Applied, Attempt, SqlEngine, WriteGroup } from '../engine.ts';
import type { AnyRow, ReadStep, Step } from '../steps.ts';
import { OwnWriter } from './own-writer.ts';
import { unpack } from './packed-rows.ts';
import { Reader } from './reader.ts';
import type { WriterPort } from './writer-port.ts';

/**
 * SQLite behind threads, so that no disk is ever waited for here: one writes, one reads, and another, from the first list on, reads lists,
 * since a statement that has begun cannot be ended.
 */
export class SqliteEngine implements SqlEngine {
  readonly isShared: boolean;
  readonly hasOutbox = false;
  readonly #path: string;
  readonly #now: () => number;
  readonly #writer: WriterPort;
  #reader: Reader | undefined;
  #lister: Reader | undefined;
  #closing = false;

  /**
   * @param now the clock by which scheduled notifications, snoozes and expiries are due
   * @param sharedWriter writes for several processes. Default: a thread of this process, which has the database to itself
   */
  constructor(path: string, now: () => number = Date.now, sharedWriter: WriterPort | null = null) {
    this.#path = path;
    this.#now = now;
    this.isShared = sharedWriter !== null;
    this.#writer = sharedWriter ?? new OwnWriter(path);
  }

  async open(): Promise<Head> {
    const head = await this.#writer.open();
    this.#reader = new Reader(this.#path);
    return head;
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    return this.#writer.ask<Applied>({ do: 'apply', groups });
  }

  async read(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    if (!this.#closing && this.#reader?.isDead) this.#reader = new Reader(this.#path);
    const found = await (this.#reader as Reader).read(steps);
    return found.map(unpack);
  }

  async list(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    if (this.#closing) return this.read(steps);
    if (!this.#lister || this.#lister.isDead) this.#lister = new Reader(this.#path);
    const found = await this.#lister.read(steps);
    return found.map(unpack);
  }

  async delivered(marks: readonly [string, number][]): Promise<void> {
    await this.#writer.ask({ do: 'delivered', marks });
  }

  write(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#writer.ask<AnyRow[][]>({ do: 'write', steps });
  }

  writeUnsynced(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.write(steps);
  }

  async rehearse(attempt: Attempt): Promise<void> {
    await this.#writer.ask({ do: 'rehearse', attempt });
  }

  forgetRetractions(before: number, limit: number): Promise<number> {
    return this.#writer.ask<number>({ do: 'forgetRetractions', before, limit });
  }

  /** The threads say so themselves: one that waits for a disk answers nobody. */
  async probe(): Promise<void> {
    await Promise.all([this.#writer.ask({ do: 'probe' }), this.read([])]);
  }

  async now(): Promise<number> {
    return this.#now();
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([this.#reader?.close(), this.#lister?.close()]);
    // Last, since who closes a database last moves the write-ahead log into its file, and a reader cannot.
    await this.#writer.close();
  }

  trouble(): string | null {
    const { death } = this.#writer;
    return death ? `the thread that writes the database ended: ${death.message}; restart this process` : null;
  }
}

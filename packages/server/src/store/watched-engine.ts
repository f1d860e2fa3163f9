import { TidingsError } from '@tidings/protocol';
import { closedError } from '../domain/closed.ts';
import { internalError } from '../domain/internal-error.ts';
import type { StoreFailure } from '../domain/store/commits.ts';
import type { Head } from '../domain/store/history.ts';
import type { PutWrite, Write } from '../domain/writes.ts';
import { type Applied, type Attempt, Contended, DatabaseRefusal, type SqlEngine, type WriteGroup } from './engine.ts';
import { type AnyRow, type Step, step } from './steps.ts';

/** The most kinds of transactions that are tried again to find out whether they are still refused. */
const mostKinds = 30;

/**
 * An engine that notes what failed. One that could not store is not well until it can: after a failure of the disk, or a lock, until
 * anything is stored; after a refusal, as for a table that is missing, until the same kind of transaction is not refused any more.
 */
export class WatchedEngine implements SqlEngine {
  readonly isShared: boolean;
  readonly hasOutbox: boolean;
  readonly #engine: SqlEngine;
  readonly #listeners: ((failure: StoreFailure) => void)[] = [];
  /** Why the last transaction failed, where any other might have failed as well. */
  #failure: string | null = null;
  readonly #refused = new Map<string, { attempt: Attempt; reason: string }>();
  #isClosed = false;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.isShared = engine.isShared;
    this.hasOutbox = engine.hasOutbox;
  }

  onFailure(listener: (failure: StoreFailure) => void): void {
    this.#listeners.push(listener);
  }

  open(): Promise<Head> {
    return this.#engine.open();
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    return this.#storing({ groups }, () => this.#engine.apply(groups));
  }

  write(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#storing({ steps }, () => this.#engine.write(steps));
  }

  writeUnsynced(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#telling('write', () => this.#engine.writeUnsynced(steps));
  }

  async rehearse(attempt: Attempt): Promise<void> {
    this.#checkOpen();
    await this.#engine.rehearse(attempt);
  }

  read(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#telling('read', () => this.#engine.read(steps));
  }

  list(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#telling('read', () => this.#engine.list(steps));
  }

  delivered(marks: readonly [string, number][]): Promise<void> {
    return this.#telling('write', () => this.#engine.delivered(marks));
  }

  forgetRetractions(before: number, limit: number): Promise<number> {
    return this.#telling('write', () => this.#engine.forgetRetractions(before, limit));
  }

  async now(): Promise<number> {
    this.#checkOpen();
    return this.#engine.now();
  }

  /** Asks the database. What failed is tried again, changing nothing: only that tells that it is over. */
  async probe(): Promise<void> {
    this.#checkOpen();
    await this.#engine.probe();
    if (this.#failure !== null) {
      await this.#engine.write([step('touch')]);
      this.#failure = null;
    }
    for (const [kind, { attempt }] of this.#refused) {
      await this.#engine.rehearse(attempt);
      this.#refused.delete(kind);
    }
  }

  trouble(): string | null {
    const [refused] = this.#refused.values();
    return this.#engine.trouble() ?? this.#failure ?? refused?.reason ?? null;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#engine.close();
  }

  /** An engine that was closed would connect anew, or say that its database has failed. */
  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  async #storing<T>(attempt: Attempt, run: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#telling('groups' in attempt ? 'commit' : 'write', run);
      this.#failure = null;
      if (this.#refused.size > 0) for (const [kind] of kindsOf(attempt)) this.#refused.delete(kind);
      return result;
    } catch (error) {
      this.#note(attempt, error as Error);
      throw error;
    }
  }

  #note(attempt: Attempt, error: Error): void {
    if (error instanceof Contended) return;
    if (!(error instanceof DatabaseRefusal)) this.#failure = error.message;
    else if (error.isGeneral) {
      for (const [kind, one] of kindsOf(attempt)) {
        if (this.#refused.size < mostKinds) this.#refused.set(kind, { attempt: one, reason: error.message });
      }
    }
  }

  /** Tells of a failure, and passes it on; what is no TidingsError is a fault of the server, which callers need not know. */
  async #telling<T>(doing: StoreFailure['doing'], run: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Contended))
        for (const listener of this.#listeners) listener({ doing, error: error as Error });
      if (error instanceof TidingsError) throw error;
      throw internalError(error);
    }
  }
}

/** The kinds of transactions that are in one, each with the least of it that is one: what one table is missing for, another may not need. */
function kindsOf(attempt: Attempt): Map<string, Attempt> {
  if ('steps' in attempt) return new Map([[attempt.steps.map(({ name }) => name).join(), attempt]]);
  return new Map(attempt.groups.map((group) => [kindOf(group), { groups: [group] }]));
}

const kindOf = ({ writes }: WriteGroup): string => [...new Set(writes.map(kindOfWrite))].sort().join();

function kindOfWrite(write: Write): string {
  switch (write.op) {
    case 'put':
      return `put ${write.kind} ${write.key === null} ${write.collapse === null} ${expectationOf(write)}`;
    case 'receipt':
      return `receipt ${write.mark} ${write.upTo === null}`;
    default:
      return write.op;
  }
}

/** The expectation of a put: one kind, whatever the rev. */
function expectationOf({ expect }: PutWrite): 'anything' | 'nothing' | 'a rev' {
  if (expect === undefined) return 'anything';
  return expect === null ? 'nothing' : 'a rev';
}

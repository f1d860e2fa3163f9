import type { PortHealth } from '../domain/port-health.ts';
import type {
  CommitStore,
  CommittedBatches,
  DatabaseTime,
  StoreFailure,
  StoreHealth,
  StoreLifecycle,
} from '../domain/store/commits.ts';
import type { Head } from '../domain/store/history.ts';
import type { Batch, Outcome, Write } from '../domain/writes.ts';
import type { Counters } from '../telemetry/counters.ts';
import { batchOf } from './batch.ts';
import type { Applied, WriteGroup } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { Probe } from './probe.ts';
import { step } from './steps.ts';
import type { WatchedEngine } from './watched-engine.ts';

/** Group commit over an engine's transactions, from its opening to its close, and how it is. */
export class SqlCommits implements CommitStore, CommittedBatches, StoreHealth, DatabaseTime, StoreLifecycle {
  readonly #engine: WatchedEngine;
  readonly #counters: Counters;
  readonly #commits: GroupCommit;
  readonly #listeners: ((batch: Batch) => void)[] = [];
  readonly #probe = new Probe(() => this.#engine.probe());
  #term = '';

  constructor(engine: WatchedEngine, counters: Counters) {
    this.#engine = engine;
    this.#counters = counters;
    this.#commits = new GroupCommit(engine, counters, (applied, groups) => this.#stored(applied, groups));
  }

  get waitingWrites(): number {
    return this.#commits.waiting;
  }

  async open(): Promise<Head> {
    const head = await this.#engine.open();
    this.#term = head.term;
    // On a full disk it opens, and is not ready.
    await this.#probe.run();
    // Runners of a process that is gone: nobody else has the database open.
    if (!this.#engine.isShared) await this.#engine.write([step('removeRunners'), step('removePermits')]);
    return head;
  }

  commit(writes: readonly Write[], options: { atomic?: boolean } = {}): Promise<Outcome[]> {
    return this.#commits.commit(writes, options.atomic === true);
  }

  onBatch(listener: (batch: Batch) => void): void {
    this.#listeners.push(listener);
  }

  probe(): Promise<void> {
    return this.#probe.run();
  }

  health(): PortHealth {
    const reason = this.#engine.trouble() ?? this.#probe.failure;
    return { ok: reason === null, reason };
  }

  databaseTime(): Promise<number> {
    return this.#engine.now();
  }

  onFailure(listener: (failure: StoreFailure) => void): void {
    this.#engine.onFailure(listener);
  }

  async close(): Promise<void> {
    await this.#commits.idle();
    await this.#engine.close();
  }

  #stored(applied: Applied, groups: readonly WriteGroup[]): void {
    this.#term = applied.term ?? this.#term;
    if (applied.to < applied.from) return;
    this.#counters.committed += applied.to - applied.from + 1;
    const batch = batchOf(this.#term, applied, groups);
    for (const listener of this.#listeners) listener(batch);
  }
}

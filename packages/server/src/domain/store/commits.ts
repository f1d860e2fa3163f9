import type { PortHealth } from '../port-health.ts';
import type { Batch, Outcome, Write } from '../writes.ts';
import type { Head } from './history.ts';

/**
 * The one way in which anything gets a rev. A write's outcome is given after the transaction that holds it was fsynced; an outcome
 * that is not known is an error. Revs are given in commit order without gaps.
 */
export interface CommitStore {
  /** Stores writes; they may share a transaction with others'. With `atomic` either all of them are stored or none. */
  commit(writes: readonly Write[], options?: { atomic?: boolean }): Promise<Outcome[]>;
}

/** The batches that this process commits: each once, in rev order, before the callers of its writes are answered. */
export interface CommittedBatches {
  onBatch(listener: (batch: Batch) => void): void;
}

/** The database's own life, which the server's assembly begins and ends. */
export interface StoreLifecycle {
  /** Opens or creates the database, and begins a new term unless the last one provably goes on. Returns where the sequence stands. */
  open(): Promise<Head>;
  /** Waits for what was accepted, then closes the database. */
  close(): Promise<void>;
}

/** A failure of the database, for the log: its cause has the database's own words, which no caller is told. */
export interface StoreFailure {
  doing: 'commit' | 'write' | 'read';
  error: Error;
}

/** Tells whether the database can be read and written. */
export interface StoreHealth {
  /** The number of writes that wait for their transaction. */
  readonly waitingWrites: number;
  /**
   * Asks the database whether it could be read and written now, and keeps the answer for `health`. Cheap; resolves within two seconds
   * whatever the database does, and never rejects. A call while one is under way does nothing.
   */
  probe(): Promise<void>;
  /** Ok where the last probe and the last transaction of each kind succeeded; else the reason, without the database's words. */
  health(): PortHealth;
  /** Hears of each transaction and read that failed, before its caller does. */
  onFailure(listener: (failure: StoreFailure) => void): void;
}

/** The clock of the database, by which leases and schedules go. */
export interface DatabaseTime {
  /** Epoch milliseconds. */
  databaseTime(): Promise<number>;
}

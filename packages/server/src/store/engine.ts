import { TidingsError } from '@tidings/protocol';
import type { Head } from '../domain/store/history.ts';
import type { Change, Outcome, Write } from '../domain/writes.ts';
import type { AnyRow, ReadStep, Step } from './steps.ts';

/** Writes of one caller. An atomic group is stored whole or not at all; else each write stands for itself. */
export interface WriteGroup {
  writes: readonly Write[];
  atomic: boolean;
}

/** The result of one transaction. */
export interface Applied {
  from: number;
  to: number;
  /** The term of these revs, where it may be another than at the opening. */
  term?: string;
  /** For each group the outcomes of its writes, in order. */
  outcomes: Outcome[][];
  /** For each stored put, in rev order, that came out otherwise than it was asked for. */
  adjustments: Adjustment[];
  /** The changes that the planner made up, in rev order: receipts, and what moved to a user who got a name. */
  produced: Change[];
}

/** A stored put of which not all is as it was written; one for each rev at which it asked for attention, where topics differ in that. */
export interface Adjustment {
  rev: number;
  topics: string[];
  alertRev: number;
  recount: boolean;
}

/** Nothing was stored, since others changed the same records each time it was tried. */
export class Contended extends TidingsError {
  constructor() {
    super('unavailable', 'nothing was stored: others changed the same records all the while; send it again');
  }
}

/** The database refused a transaction by itself, as where a table is missing. Nothing was stored; what it says is the cause. */
export class DatabaseRefusal extends TidingsError {
  /** False if it is the fault of what was to be written: another write may be stored. */
  readonly isGeneral: boolean;

  /** @param reason the database's own code, as `SQLITE_ERROR` */
  constructor(reason: string, cause: unknown, isGeneral: boolean) {
    const message = `nothing was stored: the database refused it (${reason}); the server's log says why; send it again later`;
    super('unavailable', message, { cause });
    this.isGeneral = isGeneral;
  }
}

/** The writes of one transaction: of callers, or statements that give out no rev. */
export type Attempt = { groups: readonly WriteGroup[] } | { steps: readonly Step[] };

/** One database. All that differs between SQLite and PostgreSQL is behind this. */
export interface SqlEngine {
  /** True if other processes may write into the database too. */
  readonly isShared: boolean;
  /** True if applications can leave records, in transactions of their own. */
  readonly hasOutbox: boolean;
  /** Opens, migrates, and begins a new term unless the last one provably goes on. Throws TidingsError with what to do. */
  open(): Promise<Head>;
  /**
   * Commits in one fsynced transaction. It may be called again before that is done: transactions are made, and answered, in the order
   * of the calls; only one whose records another node changed meanwhile may come after those behind it.
   * Throws Contended if that happens again and again, DatabaseRefusal, or another TidingsError if nothing was stored, or if that is unknown.
   */
  apply(groups: readonly WriteGroup[]): Promise<Applied>;
  /** Runs the steps in one snapshot. Of a page, the rows up to its end. */
  read(steps: readonly ReadStep[]): Promise<AnyRow[][]>;
  /** The same for what may look at many rows for few. It holds up no other read. */
  list(steps: readonly ReadStep[]): Promise<AnyRow[][]>;
  /** Runs statements that give out no rev, in one fsynced transaction. */
  write(steps: readonly Step[]): Promise<AnyRow[][]>;
  /** The same in a transaction that may be lost with the database's server, for what is soon written again. */
  writeUnsynced(steps: readonly Step[]): Promise<AnyRow[][]>;
  /** Does all of a transaction but its end, and undoes it: rejects as `apply` and `write` do. */
  rehearse(attempt: Attempt): Promise<void>;
  /** Moves `delivered_upto` forward; may be lost with the process. */
  delivered(marks: readonly [userId: string, rev: number][]): Promise<void>;
  /**
   * Forgets retractions from before a time, with their receipts, and raises the floor over their revs, in one transaction.
   * @returns how many
   */
  forgetRetractions(before: number, limit: number): Promise<number>;
  /** The database's clock, epoch milliseconds. */
  now(): Promise<number>;
  /** Asks, without writing, whether it could be read and written now; rejects with the reason. May take as long as the database does. */
  probe(): Promise<void>;
  /** Why nothing can be stored until the process is restarted; null where that is not so. */
  trouble(): string | null;
  close(): Promise<void>;
}

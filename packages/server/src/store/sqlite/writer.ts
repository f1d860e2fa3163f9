import type Database from 'better-sqlite3';
import type { Outcome, Write } from '../../domain/ports.ts';
import type { Applied, Row, WriteGroup } from '../engine.ts';
import type { Step } from '../steps.ts';
import { ReceiptWrites } from './receipt-writes.ts';
import { RecordWrites } from './record-writes.ts';
import { storeRights } from './rights-writes.ts';
import { Transaction } from './transaction.ts';

/** Undoes an atomic group of which one write cannot be stored. */
class Abort extends Error {}

/** How far apart the marks are that turn an age into a rev, ms. */
const markInterval = 60_000;

/**
 * Applies writes in one transaction and gives out revs. Runs in the writer thread, alone with the database's write side;
 * nothing else ever gives out a rev.
 */
export class SqliteWriter {
  readonly #database: Database.Database;
  readonly #at: Transaction;
  readonly #records: RecordWrites;
  readonly #receipts: ReceiptWrites;
  #lastMark: number;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#at = new Transaction(database);
    this.#records = new RecordWrites(this.#at);
    this.#receipts = new ReceiptWrites(this.#at);
    this.#lastMark = Number(this.#at.get('lastMark')?.at ?? 0);
  }

  get head(): number {
    return this.#at.head;
  }

  get floor(): number {
    return Number((this.#at.get('sequence') as Row).floor);
  }

  /** Begins a term at the next rev: this writer cannot prove that it continues what another wrote. */
  beginTerm(term: string): void {
    this.#at.run('addTerm', term, this.#at.head + 1);
  }

  apply(groups: readonly WriteGroup[]): Applied {
    const before = this.#at.head;
    this.#at.begin();
    try {
      this.#database.exec('begin immediate');
      // A single write is whole by itself: it changes nothing before it is sure of its outcome.
      const outcomes = groups.map((group) =>
        group.atomic && group.writes.length > 1 ? this.#whole(group) : group.writes.map((w) => this.#write(w)),
      );
      this.#at.writeCounts();
      if (this.#at.head > before) {
        this.#at.run('setHead', this.#at.head);
        this.#mark(groups);
      }
      this.#database.exec('commit');
      const { head, settled, produced } = this.#at;
      return { from: before + 1, to: head, outcomes, settled, produced };
    } catch (error) {
      this.#at.head = before;
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw error;
    }
  }

  /** Runs statements that give out no rev. */
  write(steps: readonly Step[]): Row[][] {
    return this.#database.transaction(() => steps.map((step) => this.#at.either(step)))();
  }

  delivered(marks: readonly [string, number][]): void {
    this.#database.transaction(() => {
      for (const [userId, rev] of marks) this.#at.run('setDelivered', rev, userId, rev);
    })();
  }

  forgetRetractions(before: number, limit: number): number {
    return this.#database.transaction(() => {
      const old = this.#at.all('oldRetractions', before, limit);
      for (const row of old) {
        this.#records.remove(Number(row.rev), JSON.parse(String(row.topics)));
        this.#at.run('forgetReceipts', row.id);
      }
      const floor = Math.max(0, ...old.map((row) => Number(row.rev)));
      if (floor > 0) this.#at.run('raiseFloor', floor, floor);
      return old.length;
    })();
  }

  /** Notes where the sequence stands, once in a while, by the time of what was written. */
  #mark(groups: readonly WriteGroup[]): void {
    let latest = 0;
    for (const { writes } of groups) for (const write of writes) if ('at' in write) latest = Math.max(latest, write.at);
    if (latest < this.#lastMark + markInterval) return;
    this.#at.run('addMark', latest, this.#at.head);
    this.#lastMark = latest;
  }

  #whole(group: WriteGroup): Outcome[] {
    this.#at.writeCounts();
    const mark = { head: this.#at.head, settled: this.#at.settled.length, produced: this.#at.produced.length };
    const outcomes: Outcome[] = [];
    try {
      this.#database.transaction(() => {
        for (const write of group.writes) {
          const outcome = this.#write(write);
          outcomes.push(outcome);
          if (outcome.status === 'mismatch' || outcome.status === 'stale') throw new Abort();
        }
      })();
      return outcomes;
    } catch (error) {
      if (!(error instanceof Abort)) throw error;
      this.#at.head = mark.head;
      this.#at.settled.length = mark.settled;
      this.#at.produced.length = mark.produced;
      this.#at.deltas.clear();
      const failed = outcomes.at(-1) as Outcome;
      return group.writes.map((_, i) => (i === outcomes.length - 1 ? failed : { status: 'aborted' }));
    }
  }

  #write(write: Write): Outcome {
    switch (write.op) {
      case 'put':
        return this.#records.put(write);
      case 'receipt':
        return this.#receipts.receipt(write);
      case 'bind':
        return this.#records.bind(write);
      case 'rights':
        return storeRights(this.#at, write);
    }
  }
}

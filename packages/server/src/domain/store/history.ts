import type { Change } from '../writes.ts';

/** A place in the history: a rev, and the term it belongs to. */
export interface Position {
  term: string;
  rev: number;
}

/** The newest position in the sequence. */
export interface Head {
  term: string;
  head: number;
  /** Cursors below it are too old: what was deleted since cannot be told any more. */
  floor: number;
}

/** The sequence, for whoever follows it from commit to commit. Each read is one snapshot of the database. */
export interface HistoryStore {
  /** With the first rev of the present term. */
  head(): Promise<Head & { termFrom: number }>;
  /**
   * The changes left of the revs `from..to`: fewer changes than revs where records have moved on. With the term that each rev belongs to,
   * and the head at that moment: revs past it are not stored, or not on the server that answered.
   */
  range(from: number, to: number): Promise<{ head: number; termAt: (rev: number) => string; changes: Change[] }>;
}

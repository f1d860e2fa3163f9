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
  /** Cursors below it are too old: what was deleted since cannot be sent any more. */
  floor: number;
}

/** A part of the sequence. */
interface Range {
  /**
   * It holds everything up to here: less than was asked for where changes are large, and no more than the server that answered
   * has stored.
   */
  upTo: number;
  /** The term that each rev belongs to. */
  termAt: (rev: number) => string;
  changes: Change[];
}

/** Reads of the sequence, for parts that follow it from commit to commit. Each read is one snapshot of the database. */
export interface HistoryStore {
  /** With the first rev of the present term. */
  head(): Promise<Head & { termFrom: number }>;
  /** The changes left of the revs `from..to`: fewer changes than revs where records have moved on. */
  range(from: number, to: number): Promise<Range>;
}

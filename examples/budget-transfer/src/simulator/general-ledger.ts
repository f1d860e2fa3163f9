import type { InterfaceRow } from './interface-row.ts';

/** A journal batch, as imported. One with an unbalanced journal can never be posted. */
export interface JournalBatch {
  readonly name: string;
  readonly groupId: string;
  readonly journals: number;
  readonly lines: number;
  status: 'unposted' | 'posted' | 'unbalanced';
  readonly unbalancedJournals: readonly string[];
}

/** The tables that the jobs work on. */
export interface GeneralLedger {
  /** Uploaded documents by id. */
  readonly documents: Map<string, Buffer>;
  interfaceRows: InterfaceRow[];
  readonly batches: JournalBatch[];
}

export function createGeneralLedger(): GeneralLedger {
  return { documents: new Map(), interfaceRows: [], batches: [] };
}

/** Makes a batch of rows; unbalanced journals are imported too, as on a live system without suspense posting. */
export function createBatch(name: string, groupId: string, rows: readonly InterfaceRow[]): JournalBatch {
  const journals = Map.groupBy(rows, (row) => row.journal);
  const unbalancedJournals = [...journals].filter(([, lines]) => differenceOf(lines) !== 0).map(([journal]) => journal);
  return { name, groupId, journals: journals.size, lines: rows.length, status: 'unposted', unbalancedJournals };
}

function differenceOf(rows: readonly InterfaceRow[]): number {
  return rows.reduce((sum, row) => sum + row.debitCents - row.creditCents, 0);
}

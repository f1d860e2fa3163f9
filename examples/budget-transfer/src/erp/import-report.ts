import type { JournalLine } from '../journal/journal.ts';
import type { RejectedLine } from './erp-error.ts';

/** The contents of the execution report of Journal Import. */
export interface ImportReport {
  /** Null when the report gives no count. */
  readonly linesImported: number | null;
  readonly rejectedLines: readonly RejectedLine[];
}

// Oracle lays this report out by a template that customers change; the row of a rejected line is matched by
// its shape (row | journal | account | codes | reason) and anything else is left to the log itself.
const rejectedRow = /^\s*(\d+) \| (.+?) \| (.+?) \| ([A-Z]{2}\d{2}(?:,[A-Z]{2}\d{2})*) \| (.+)$/gm;
const importedCount = /^\s*Lines imported:\s*(\d+)/m;

/** Reads the report; `rows` are the lines sent, so that a rejection names the line of the uploaded file. */
export function readImportReport(text: string, rows: readonly JournalLine[]): ImportReport {
  const count = importedCount.exec(text)?.[1];
  const rejectedLines = [...text.matchAll(rejectedRow)].map((match) => {
    const [, row = '', journal = '', account = '', codes = '', reason = ''] = match;
    const line = rows[Number(row) - 1]?.fileLine ?? Number(row);
    return { line, journal, account, codes: codes.split(','), reason: reason.trim() };
  });
  return { linesImported: count === undefined ? null : Number(count), rejectedLines };
}

import { needsApproval } from '../job/approval.ts';
import { decodeText } from '../journal/decode-text.ts';
import type { JournalProblem, JournalSummary } from '../journal/journal.ts';
import { parseJournals } from '../journal/parse-journals.ts';
import { type Column, columns, readRows } from '../journal/read-rows.ts';

/** Rows a preview shows; totals and problems are those of the whole file. */
const rowsShown = 400;

/** The preview of a file before it is submitted, checked by the rules of the job itself. */
export interface Preview {
  readonly columns: readonly Column[];
  readonly rows: readonly { line: number; values: readonly string[] }[];
  readonly row_count: number;
  /** Null if there are problems. */
  readonly summary: JournalSummary | null;
  readonly problems: readonly JournalProblem[];
  /** True if a person has to approve before it is posted. */
  readonly needs_approval: boolean;
}

export function previewOf(csv: Uint8Array): Preview {
  const decoded = decodeText(csv);
  const rows = decoded.ok ? readRows(decoded.text).rows : [];
  const parsed = parseJournals(csv);
  return {
    columns,
    rows: rows.slice(0, rowsShown).map(({ fileLine, values }) => ({
      line: fileLine,
      values: columns.map((column) => values[column]),
    })),
    row_count: rows.length,
    summary: parsed.ok ? parsed.summary : null,
    problems: parsed.ok ? [] : parsed.problems,
    needs_approval: parsed.ok && needsApproval(parsed.summary),
  };
}

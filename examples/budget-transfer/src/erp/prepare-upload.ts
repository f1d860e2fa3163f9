import { type GlInterfaceHeader, writeGlInterface } from '../journal/gl-interface.ts';
import type { JournalLine, JournalProblem, JournalSummary } from '../journal/journal.ts';
import { zipGlInterface } from '../journal/journal-archive.ts';
import { parseJournals } from '../journal/parse-journals.ts';
import { ErpError } from './erp-error.ts';

export interface PreparedUpload {
  readonly zip: Uint8Array;
  readonly summary: JournalSummary;
  /** The journal line behind each row of GlInterface.csv, in the order of its rows. */
  readonly rows: readonly JournalLine[];
}

const problemsInMessage = 3;

/** Checks a CSV of budget transfers and packs it for the ERP. Throws ErpError `invalid_file` with all problems. */
export function prepareUpload(csv: Uint8Array | string, header: GlInterfaceHeader): PreparedUpload {
  const parsed = parseJournals(csv);
  if (!parsed.ok) throw invalidFile(parsed.problems);
  const { journals, summary } = parsed;
  const zip = zipGlInterface(writeGlInterface(journals, header), header.createdOn);
  return { zip, summary, rows: journals.flatMap((journal) => journal.lines) };
}

function invalidFile(problems: readonly JournalProblem[]): ErpError {
  const shown = problems.slice(0, problemsInMessage).map(({ line, column, message }) => {
    return `line ${line}${column === null ? '' : `, ${column}`}: ${message}`;
  });
  const more = problems.length > problemsInMessage ? `; and ${problems.length - problemsInMessage} more` : '';
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const message = `The file has ${count}, nothing was sent: ${shown.join('; ')}${more}.`;
  return new ErpError('invalid_file', message, false, { problems });
}

import { checkBalance, checkConsistency, checkOneCurrency, groupJournals } from './check-journals.ts';
import { checkLine } from './check-line.ts';
import { decodeText } from './decode-text.ts';
import {
  type Journal,
  type JournalLine,
  type JournalProblem,
  type JournalSummary,
  summarizeJournals,
} from './journal.ts';
import { readRows } from './read-rows.ts';

/** Either the journals of a file that can be sent, or everything that is wrong with it, in file order. */
export type ParsedJournals =
  | { readonly ok: true; readonly journals: readonly Journal[]; readonly summary: JournalSummary }
  | { readonly ok: false; readonly problems: readonly JournalProblem[] };

/** Reads a CSV file of budget transfers. Never throws on bad input: all of it comes back as problems. */
export function parseJournals(input: Uint8Array | string): ParsedJournals {
  const decoded = decodeText(input);
  if (!decoded.ok) return { ok: false, problems: [decoded.problem] };

  const { rows, decimalMark, problems: rowProblems, incompleteJournals } = readRows(decoded.text);
  const problems = [...rowProblems];
  const incomplete = new Set(incompleteJournals);
  const lines: JournalLine[] = [];
  for (const row of rows) {
    const checked = checkLine(row, decimalMark);
    if (checked.ok) {
      lines.push(checked.line);
    } else {
      problems.push(...checked.problems);
      incomplete.add(row.values.journal);
    }
  }

  const journals = groupJournals(lines);
  problems.push(...checkOneCurrency(lines), ...journals.flatMap(checkConsistency));
  // A journal with an unreadable line would always seem unbalanced; its owner is told about the line instead.
  problems.push(...journals.filter((journal) => !incomplete.has(journal.name)).flatMap(checkBalance));
  if (problems.length > 0) return { ok: false, problems: problems.sort((a, b) => a.line - b.line) };
  return { ok: true, journals, summary: summarizeJournals(journals) };
}

import type { Journal, JournalLine, JournalProblem } from './journal.ts';
import { formatCents } from './money.ts';

/** Groups lines by journal name; the lines of one journal need not follow each other. */
export function groupJournals(lines: readonly JournalLine[]): Journal[] {
  const byName = Map.groupBy(lines, (line) => line.journal);
  return [...byName].map(([name, journalLines]) => ({ name, lines: journalLines }));
}

/** Checks across the lines of a journal: lines given twice, and dates or periods that differ. */
export function checkConsistency(journal: Journal): JournalProblem[] {
  return [...checkDuplicates(journal), ...checkOneDate(journal)];
}

/** Debits and credits of a journal must be equal. Call it only with all lines of the journal. */
export function checkBalance(journal: Journal): JournalProblem[] {
  const debits = journal.lines.reduce((sum, line) => sum + line.debitCents, 0);
  const credits = journal.lines.reduce((sum, line) => sum + line.creditCents, 0);
  if (debits === credits) return [];
  const difference = `${formatCents(Math.abs(debits - credits))} more ${debits > credits ? 'debit' : 'credit'}`;
  const totals = `debits ${formatCents(debits)}, credits ${formatCents(credits)}: ${difference}`;
  const message = `expected journal ${journal.name} to balance, got ${totals}`;
  return [{ line: journal.lines[0]?.fileLine ?? 1, column: null, message }];
}

/** One file is one currency, so that its total means something and it can be one batch. */
export function checkOneCurrency(lines: readonly JournalLine[]): JournalProblem[] {
  const [first, ...others] = lines;
  return others
    .filter((line) => line.currency !== first?.currency)
    .map((line) => ({
      line: line.fileLine,
      column: 'currency',
      message: `expected ${first?.currency} as on line ${first?.fileLine}, got ${line.currency}; give each currency its own file`,
    }));
}

function checkDuplicates(journal: Journal): JournalProblem[] {
  const byNumber = new Map<number, JournalLine>();
  const byContent = new Map<string, JournalLine>();
  const problems: JournalProblem[] = [];
  for (const line of journal.lines) {
    const sameNumber = byNumber.get(line.lineNumber);
    const sameContent = byContent.get(contentKey(line));
    if (sameNumber) {
      const message = `expected each line number once in journal ${journal.name}, got ${line.lineNumber} again, first on line ${sameNumber.fileLine}`;
      problems.push({ line: line.fileLine, column: 'line', message });
    } else if (sameContent) {
      const message = `expected different lines in journal ${journal.name}, got a copy of line ${sameContent.fileLine}`;
      problems.push({ line: line.fileLine, column: null, message });
    }
    byNumber.set(line.lineNumber, sameNumber ?? line);
    byContent.set(contentKey(line), sameContent ?? line);
  }
  return problems;
}

function contentKey(line: JournalLine): string {
  const { company, costCenter, account, debitCents, creditCents, description } = line;
  return JSON.stringify([company, costCenter, account, debitCents, creditCents, description]);
}

function checkOneDate(journal: Journal): JournalProblem[] {
  const [first, ...others] = journal.lines;
  return others
    .filter((line) => line.accountingDate !== first?.accountingDate)
    .map((line) => ({
      line: line.fileLine,
      column: 'accounting_date',
      message: `expected ${first?.accountingDate} as on line ${first?.fileLine} of journal ${journal.name}, got ${line.accountingDate}`,
    }));
}

/** One line of a budget transfer: money leaves a cost centre (credit) or arrives at one (debit). */
export interface JournalLine {
  /** Line of the uploaded file, 1 being the header; what people are told when something is wrong. */
  readonly fileLine: number;
  readonly journal: string;
  readonly lineNumber: number;
  /** ISO date, `2026-11-03`. */
  readonly accountingDate: string;
  /** Accounting period, `Nov-26`. */
  readonly period: string;
  /** ISO 4217 code. */
  readonly currency: string;
  readonly company: string;
  readonly costCenter: string;
  readonly account: string;
  readonly debitCents: number;
  readonly creditCents: number;
  readonly description: string;
}

/** Lines that share a journal name, in file order. Debits equal credits. */
export interface Journal {
  readonly name: string;
  readonly lines: readonly JournalLine[];
}

export interface JournalSummary {
  readonly journals: number;
  readonly lines: number;
  /** Sum of the debits, which is the money moved. */
  readonly totalCents: number;
  readonly currency: string;
  /** The journal that moves most. */
  readonly largest: { readonly journal: string; readonly cents: number };
}

/** Something in a file that keeps it from being sent. */
export interface JournalProblem {
  /** Line of the file, 1 being the header. */
  readonly line: number;
  /** Name of the column, or null when the problem is about a whole line, a journal or the file. */
  readonly column: string | null;
  /** A sentence that says what was expected and what was found. */
  readonly message: string;
}

export function summarizeJournals(journals: readonly Journal[]): JournalSummary {
  const moved = journals.map(({ name, lines }) => ({
    journal: name,
    cents: lines.reduce((sum, line) => sum + line.debitCents, 0),
  }));
  return {
    journals: journals.length,
    lines: journals.reduce((sum, { lines }) => sum + lines.length, 0),
    totalCents: moved.reduce((sum, { cents }) => sum + cents, 0),
    currency: journals[0]?.lines[0]?.currency ?? '',
    largest: moved.reduce((most, one) => (one.cents > most.cents ? one : most), { journal: '', cents: 0 }),
  };
}

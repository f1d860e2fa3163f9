import { CsvError, parse } from 'csv-parse/sync';
import type { JournalProblem } from './journal.ts';
import type { DecimalMark } from './money.ts';

/** The columns of a budget transfer file, in the order of the shipped examples; a file may order them as it likes. */
export const columns = [
  'journal',
  'line',
  'accounting_date',
  'period',
  'currency',
  'company',
  'cost_center',
  'account',
  'entered_debit',
  'entered_credit',
  'description',
] as const;

export type Column = (typeof columns)[number];

/** The trimmed values of one line of the file. */
export interface Row {
  readonly fileLine: number;
  readonly values: Readonly<Record<Column, string>>;
}

export interface Rows {
  readonly rows: readonly Row[];
  readonly decimalMark: DecimalMark;
  readonly problems: readonly JournalProblem[];
  /** Journals that a row with a wrong number of fields seems to belong to: their lines are not all among `rows`. */
  readonly incompleteJournals: readonly string[];
}

/** Lines a file may have: more belong in several files, and sums of so many amounts stay exact integers. */
export const maxLines = 5_000;

const separators = [',', ';', '\t'] as const;
type Separator = (typeof separators)[number];

/** Splits CSV text into rows by the names of its header. Comma, semicolon and tab are recognised as separators. */
export function readRows(text: string): Rows {
  const separator = separatorOf(text);
  // Spreadsheets of locales with a decimal comma separate fields with semicolons.
  const decimalMark: DecimalMark = separator === ';' ? ',' : '.';
  const failed = (problems: readonly JournalProblem[]): Rows => ({
    rows: [],
    decimalMark,
    problems,
    incompleteJournals: [],
  });

  const parsed = parseRecords(text, separator);
  if (!parsed.ok) return failed([parsed.problem]);
  const [header, ...records] = parsed.records;
  if (!header)
    return failed([
      { line: 1, column: null, message: `expected a header line with ${columns.join(', ')}, got an empty file` },
    ]);
  const names = header.fields.map((name) => name.toLowerCase().replaceAll(' ', '_'));
  const headerProblems = checkHeader(names, header.fileLine);
  if (headerProblems.length > 0) return failed(headerProblems);
  if (records.length === 0) {
    return failed([
      { line: header.fileLine, column: null, message: 'expected journal lines below the header, got none' },
    ]);
  }
  if (records.length > maxLines) {
    return failed([
      { line: maxLines + 2, column: null, message: `expected at most ${maxLines} lines; split the file` },
    ]);
  }

  const rows: Row[] = [];
  const problems: JournalProblem[] = [];
  const incompleteJournals: string[] = [];
  for (const { fileLine, fields } of records) {
    const values = valuesOf(names, fields);
    if (fields.length === names.length) {
      rows.push({ fileLine, values });
    } else {
      const message = fieldCountMessage(names.length, fields.length, separator);
      problems.push({ line: fileLine, column: null, message });
      incompleteJournals.push(values.journal);
    }
  }
  return { rows, decimalMark, problems, incompleteJournals };
}

interface CsvRecord {
  readonly fileLine: number;
  readonly fields: readonly string[];
}

type ParsedRecords = { ok: true; records: CsvRecord[] } | { ok: false; problem: JournalProblem };

function parseRecords(text: string, delimiter: Separator): ParsedRecords {
  try {
    const records = parse(text, {
      delimiter,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      to: maxLines + 2,
      on_record: (record, context) => [String(context.lines), ...record],
    });
    return { ok: true, records: records.map(([line, ...fields]) => ({ fileLine: Number(line), fields })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    const message = `expected values in matching double quotes, a quote inside them doubled; ${quoteFaults[error.code] ?? error.message}`;
    return { ok: false, problem: { line, column: null, message } };
  }
}

const quoteFaults: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'got a quote that is never closed',
  INVALID_OPENING_QUOTE: 'got a quote in the middle of a value',
  CSV_INVALID_CLOSING_QUOTE: 'got text after a closing quote',
};

function separatorOf(text: string): Separator {
  const header = text.trimStart().split('\n', 1)[0] ?? '';
  const count = (separator: Separator) => header.split(separator).length;
  return separators.reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best));
}

function checkHeader(names: readonly string[], line: number): JournalProblem[] {
  const known: readonly string[] = columns;
  const missing = columns
    .filter((column) => !names.includes(column))
    .map((column) => ({ line, column, message: `expected a column "${column}", got ${quoteList(names)}` }));
  const surplus = names.flatMap((name, index) => {
    if (!known.includes(name))
      return [{ line, column: name, message: `expected only ${columns.join(', ')}, got "${name}"` }];
    if (names.indexOf(name) !== index)
      return [{ line, column: name, message: `expected "${name}" once, got it again` }];
    return [];
  });
  return [...missing, ...surplus];
}

function quoteList(names: readonly string[]): string {
  return names.map((name) => `"${name.slice(0, 40)}"`).join(', ');
}

function valuesOf(names: readonly string[], fields: readonly string[]): Record<Column, string> {
  const value = (column: Column) => fields[names.indexOf(column)] ?? '';
  return {
    journal: value('journal'),
    line: value('line'),
    accounting_date: value('accounting_date'),
    period: value('period'),
    currency: value('currency'),
    company: value('company'),
    cost_center: value('cost_center'),
    account: value('account'),
    entered_debit: value('entered_debit'),
    entered_credit: value('entered_credit'),
    description: value('description'),
  };
}

function fieldCountMessage(expected: number, got: number, separator: Separator): string {
  const hint = got > expected && separator === ',' ? '; put a value that contains a comma in double quotes' : '';
  return `expected ${expected} fields as in the header, got ${got}${hint}`;
}

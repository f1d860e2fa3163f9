import type { Journal, JournalLine } from './journal.ts';
import { formatCents } from './money.ts';

/** Fields of a row of Oracle's journal import file, release 25C. */
const glInterfaceFields = 149;

/**
 * 1-based positions in GlInterface.csv, from Oracle's JournalImportTemplate.xlsm (file-based data import for
 * Financials, "Journal Import"). The first eight are required.
 */
const position = {
  status: 1,
  ledgerId: 2,
  effectiveDate: 3,
  source: 4,
  category: 5,
  currency: 6,
  creationDate: 7,
  actualFlag: 8,
  segment1: 9,
  segment2: 10,
  segment3: 11,
  enteredDebit: 39,
  enteredCredit: 40,
  reference1BatchName: 43,
  reference2BatchDescription: 44,
  reference4JournalName: 46,
  reference5JournalDescription: 47,
  reference6JournalReference: 48,
  reference10LineDescription: 52,
  groupId: 67,
  ledgerName: 92,
  periodName: 95,
} as const;

/** The fields that all rows of one file share. */
export interface GlInterfaceHeader {
  readonly ledgerId: string;
  readonly ledgerName: string;
  readonly source: string;
  readonly category: string;
  /** Ties the rows of this file together; the import must be asked for the same number. */
  readonly groupId: string;
  readonly batchName: string;
  /** ISO date on which the journals were written. */
  readonly createdOn: string;
}

/** The text of GlInterface.csv: a row per journal line, no header row, dates as YYYY/MM/DD, `\n` line ends. */
export function writeGlInterface(journals: readonly Journal[], header: GlInterfaceHeader): string {
  const rows = journals.flatMap((journal) => journal.lines.map((line) => rowOf(line, header)));
  return rows.map((row) => `${row.map(quoteField).join(',')}\n`).join('');
}

function rowOf(line: JournalLine, header: GlInterfaceHeader): string[] {
  const row = new Array<string>(glInterfaceFields).fill('');
  const set = (field: keyof typeof position, value: string) => {
    row[position[field] - 1] = value;
  };
  set('status', 'NEW');
  set('ledgerId', header.ledgerId);
  set('effectiveDate', oracleDate(line.accountingDate));
  set('source', header.source);
  set('category', header.category);
  set('currency', line.currency);
  set('creationDate', oracleDate(header.createdOn));
  set('actualFlag', 'A');
  set('segment1', line.company);
  set('segment2', line.costCenter);
  set('segment3', line.account);
  if (line.debitCents > 0) set('enteredDebit', formatCents(line.debitCents));
  if (line.creditCents > 0) set('enteredCredit', formatCents(line.creditCents));
  set('reference1BatchName', header.batchName);
  set('reference2BatchDescription', `Budget transfers, group ${header.groupId}`);
  set('reference4JournalName', line.journal);
  set('reference5JournalDescription', `Budget transfer ${line.journal}`);
  set('reference6JournalReference', line.journal);
  set('reference10LineDescription', line.description);
  set('groupId', header.groupId);
  set('ledgerName', header.ledgerName);
  set('periodName', line.period);
  return row;
}

function oracleDate(isoDate: string): string {
  return isoDate.replaceAll('-', '/');
}

function quoteField(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

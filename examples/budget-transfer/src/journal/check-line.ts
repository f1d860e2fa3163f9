import type { JournalLine, JournalProblem } from './journal.ts';
import { type DecimalMark, parseCents } from './money.ts';
import { isCalendarDate, monthOfPeriod } from './period.ts';
import type { Column, Row } from './read-rows.ts';

type CheckedLine = { ok: true; line: JournalLine } | { ok: false; problems: readonly JournalProblem[] };

interface TextRule {
  readonly column: Column;
  readonly pattern: RegExp;
  readonly expected: string;
}

const textRules: readonly TextRule[] = [
  {
    column: 'journal',
    pattern: /^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,59}$/,
    expected: 'a journal name of at most 60 letters, digits and . _ / -',
  },
  { column: 'line', pattern: /^[1-9]\d{0,4}$/, expected: 'a line number such as 1' },
  { column: 'currency', pattern: /^[A-Z]{3}$/, expected: 'a currency code such as USD' },
  { column: 'company', pattern: /^\d{3}$/, expected: 'a company of three digits' },
  { column: 'cost_center', pattern: /^\d{4}$/, expected: 'a cost center of four digits' },
  { column: 'account', pattern: /^\d{5}$/, expected: 'an account of five digits' },
  {
    column: 'description',
    pattern: /^[^\p{Cc}]{1,240}$/u,
    expected: 'a description of 1 to 240 characters on one line',
  },
];

/** Turns the text of one row into a journal line, or says everything that is wrong with it. */
export function checkLine(row: Row, decimalMark: DecimalMark): CheckedLine {
  const problems: JournalProblem[] = [];
  const complain = (column: Column, expected: string) => {
    problems.push({ line: row.fileLine, column, message: `expected ${expected}, got ${quote(row.values[column])}` });
  };

  for (const rule of textRules) if (!rule.pattern.test(row.values[rule.column])) complain(rule.column, rule.expected);
  checkDate(row, complain);
  const debitCents = checkAmount(row, 'entered_debit', decimalMark, complain);
  const creditCents = checkAmount(row, 'entered_credit', decimalMark, complain);
  if (debitCents === 0 && creditCents === 0) complain('entered_debit', 'an amount above 0 as debit or credit');
  if (debitCents > 0 && creditCents > 0) {
    complain('entered_credit', 'no credit on a line that has a debit; use one line for each');
  }
  if (problems.length > 0) return { ok: false, problems };

  const { values, fileLine } = row;
  return {
    ok: true,
    line: {
      fileLine,
      journal: values.journal,
      lineNumber: Number(values.line),
      accountingDate: values.accounting_date,
      period: values.period,
      currency: values.currency,
      company: values.company,
      costCenter: values.cost_center,
      account: values.account,
      debitCents,
      creditCents,
      description: values.description,
    },
  };
}

type Complain = (column: Column, expected: string) => void;

function checkDate(row: Row, complain: Complain): void {
  const { accounting_date: date, period } = row.values;
  const month = monthOfPeriod(period);
  const dateIsReal = isCalendarDate(date);
  if (month === undefined) complain('period', 'a period such as Nov-26');
  if (!dateIsReal) complain('accounting_date', 'a calendar date such as 2026-11-03');
  if (month !== undefined && dateIsReal && !date.startsWith(month)) complain('accounting_date', `a date in ${period}`);
}

/** Cents of an amount, 0 for an empty field, NaN after a complaint (so that no comparison holds). */
function checkAmount(row: Row, column: Column, decimalMark: DecimalMark, complain: Complain): number {
  const text = row.values[column];
  if (text === '') return 0;
  const cents = parseCents(text, decimalMark);
  if (cents !== undefined) return cents;
  if (text.startsWith('-')) {
    const other = column === 'entered_debit' ? 'entered_credit' : 'entered_debit';
    complain(column, `an unsigned amount (a negative one belongs in ${other})`);
  } else {
    complain(column, `an amount such as 1234${decimalMark}56 below ten billion, without thousands separators`);
  }
  return Number.NaN;
}

function quote(value: string): string {
  if (value === '') return 'nothing';
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

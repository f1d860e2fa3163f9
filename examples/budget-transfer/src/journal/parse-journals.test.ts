import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseJournals } from './parse-journals.ts';
import { columns, maxLines } from './read-rows.ts';

const header = columns.join(',');
const release = 'BT-1,1,2026-11-03,Nov-26,USD,101,3100,61300,,1250.50,Release of training';
const receipt = 'BT-1,2,2026-11-03,Nov-26,USD,101,4100,61300,1250.50,,Marketing training';

function fileOf(...lines: string[]): string {
  return [header, ...lines].join('\n');
}

function problemsOf(input: string | Uint8Array) {
  const parsed = parseJournals(input);
  if (parsed.ok) throw new Error('the file was accepted');
  return parsed.problems;
}

function example(name: string): Uint8Array {
  return readFileSync(new URL(`../../data/${name}`, import.meta.url));
}

describe('a file of budget transfers', () => {
  test('becomes journals with amounts in cents', () => {
    const parsed = parseJournals(fileOf(release, receipt));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.summary).toEqual({
      ...{ journals: 1, lines: 2, totalCents: 125_050, currency: 'USD' },
      largest: { journal: 'BT-1', cents: 125_050 },
    });
    expect(parsed.journals[0]?.lines[0]).toEqual({
      fileLine: 2,
      journal: 'BT-1',
      lineNumber: 1,
      accountingDate: '2026-11-03',
      period: 'Nov-26',
      currency: 'USD',
      company: '101',
      costCenter: '3100',
      account: '61300',
      debitCents: 0,
      creditCents: 125_050,
      description: 'Release of training',
    });
  });

  test('is read the same with a byte order mark, CRLF, semicolons, decimal commas, tabs and reordered columns', () => {
    const plain = parseJournals(fileOf(release, receipt));
    const bytes = new TextEncoder().encode(`\uFEFF${[header, release, receipt].join('\r\n')}\r\n`);
    expect(parseJournals(bytes)).toEqual(plain);
    const semicolons = fileOf(release, receipt).replaceAll(',', ';').replaceAll('1250.50', '1250,50');
    expect(parseJournals(semicolons)).toEqual(plain);
    expect(parseJournals(fileOf(release, receipt).replaceAll(',', '\t'))).toEqual(plain);
    const reversed = fileOf(release, receipt)
      .split('\n')
      .map((line) => line.split(',').reverse().join(','))
      .join('\n');
    expect(parseJournals(reversed)).toEqual(plain);
  });

  test('may quote values, leave blank lines and write its header as a spreadsheet shows it', () => {
    const title = header.replaceAll('_', ' ').toUpperCase();
    const quoted = receipt.replace('Marketing training', '"Marketing, ""Lead"" training"');
    const parsed = parseJournals(`${title}\n${release}\n\n,,,,,,,,,,\n${quoted}`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.journals[0]?.lines[1]).toMatchObject({ fileLine: 5, description: 'Marketing, "Lead" training' });
  });

  test('keeps line numbers right after a quoted line break in a CRLF file', () => {
    const broken = `${header}\r\n${release.replace('Release of training', '"Release of\r\ntraining"')}\r\n${receipt.replace('4100', '41')}`;
    expect(problemsOf(broken).map(({ line, column }) => [line, column])).toEqual([
      [3, 'description'],
      [4, 'cost_center'],
    ]);
  });
});

describe('a file that cannot be read', () => {
  test.each([
    ['nothing', ''],
    ['blank lines', '\n  \n'],
  ])('is empty when it has %s', (_, text) => {
    expect(problemsOf(text)).toEqual([{ line: 1, column: null, message: expect.stringContaining('an empty file') }]);
  });

  test('needs lines below its header', () => {
    expect(problemsOf(header)[0]?.message).toBe('expected journal lines below the header, got none');
  });

  test('is told about missing, unknown and repeated columns', () => {
    const problems = problemsOf(`${header.replace('cost_center', 'cost_centre')},line\n${release}`);
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 'cost_center'],
      [1, 'cost_centre'],
      [1, 'line'],
    ]);
    expect(problems[0]?.message).toContain('expected a column "cost_center"');
  });

  test('is told that a workbook or another encoding is no UTF-8 CSV', () => {
    expect(problemsOf(new Uint8Array([0x50, 0x4b, 3, 4, 20]))[0]?.message).toContain('Excel workbook');
    expect(problemsOf(new Uint8Array([0xff, 0xfe, 0x6a, 0]))[0]?.message).toContain('UTF-8');
  });

  test('is told the line of a quote that does not match', () => {
    const [problem] = problemsOf(fileOf(release, receipt.replace('Marketing', 'Mark"eting')));
    expect(problem).toEqual({ line: 3, column: null, message: expect.stringContaining('in the middle of a value') });
  });

  test('may not have more lines than a batch takes', () => {
    const lines = Array.from({ length: maxLines + 1 }, () => release);
    expect(problemsOf(fileOf(...lines))).toEqual([
      { line: maxLines + 2, column: null, message: 'expected at most 5000 lines; split the file' },
    ]);
  });
});

describe('a line', () => {
  test.each([
    ['1250.50', '1,250.50', 3, null],
    ['1250.50', '"1,250.50"', 3, 'entered_debit'],
    ['1250.50', '1250.505', 3, 'entered_debit'],
    ['1250.50', '12e3', 3, 'entered_debit'],
    ['1250.50', '-1250.50', 3, 'entered_debit'],
    ['1250.50', '0', 3, 'entered_debit'],
    ['1250.50', '', 3, 'entered_debit'],
    ['1250.50,', '1250.50,1250.50', 3, 'entered_credit'],
    ['2026-11-03', '2026-02-30', 3, 'accounting_date'],
    ['2026-11-03', '11/03/2026', 3, 'accounting_date'],
    ['2026-11-03', '2026-12-03', 3, 'accounting_date'],
    ['Nov-26', 'November', 3, 'period'],
    ['USD', 'usd', 3, 'currency'],
    ['4100', '', 3, 'cost_center'],
    ['61300', '6130A', 3, 'account'],
    ['Marketing training', '', 3, 'description'],
  ])('with %j changed to %j is a problem of one line and column', (from, to, line, column) => {
    const problems = problemsOf(fileOf(release, receipt.replace(from, to)));
    expect(problems.map((problem) => [problem.line, problem.column])).toEqual([[line, column]]);
  });

  test('says what was expected and what came', () => {
    const problems = problemsOf(fileOf(release, receipt.replace('1250.50', '12.5O').replace('101', '')));
    expect(problems.map(({ message }) => message)).toEqual([
      'expected a company of three digits, got nothing',
      'expected an amount such as 1234.56 below ten billion, without thousands separators, got "12.5O"',
    ]);
  });

  test('given twice is named with the line it repeats', () => {
    const renumbered = receipt.replace('BT-1,2', 'BT-1,3');
    const [sameNumber, sameContent] = problemsOf(fileOf(release, receipt, receipt, renumbered)).filter(
      ({ line }) => line > 3,
    );
    expect(sameNumber?.message).toContain('got 2 again, first on line 3');
    expect(sameContent?.message).toContain('got a copy of line 3');
  });
});

describe('a journal', () => {
  test('that does not balance is named with the difference, to the cent', () => {
    expect(problemsOf(fileOf(release, receipt.replace('1250.50', '1250.40')))).toEqual([
      {
        line: 2,
        column: null,
        message: 'expected journal BT-1 to balance, got debits 1250.40, credits 1250.50: 0.10 more credit',
      },
    ]);
  });

  test('sums cents exactly where binary fractions would not', () => {
    const credit = release.replace('1250.50', '0.30');
    const debits = ['0.10', '0.20'].map((amount, index) =>
      receipt.replace('BT-1,2', `BT-1,${index + 2}`).replace('1250.50', amount),
    );
    expect(parseJournals(fileOf(credit, ...debits)).ok).toBe(true);
  });

  test('has one date, and a file has one currency', () => {
    const problems = problemsOf(fileOf(release, receipt.replace('11-03', '11-04').replace('USD', 'EUR')));
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [3, 'currency'],
      [3, 'accounting_date'],
    ]);
  });
});

describe('the shipped examples', () => {
  test('hold a file that can be sent', () => {
    expect(parseJournals(example('budget-transfers.csv'))).toMatchObject({
      ok: true,
      summary: { journals: 66, lines: 240, totalCents: 194_877_878, currency: 'USD' },
    });
  });

  test('hold a file of which one journal moves much more than the others', () => {
    expect(parseJournals(example('budget-transfers-year-end.csv'))).toMatchObject({
      ok: true,
      summary: { journals: 3, lines: 9, largest: { journal: 'BT-2026-0801', cents: 48_000_000 } },
    });
  });

  test('hold a file with one mistake of each kind', () => {
    const problems = problemsOf(example('budget-transfers-with-mistakes.csv'));
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [5, null],
      [7, 'entered_credit'],
      [9, 'accounting_date'],
      [11, 'accounting_date'],
      [15, 'line'],
      [16, 'cost_center'],
      [18, 'entered_debit'],
      [20, null],
    ]);
    expect(problems[0]?.message).toContain('BT-2026-0502');
    expect(problems[0]?.message).toContain('1500.00 more credit');
  });

  test('hold a file that only the ERP finds fault with', () => {
    expect(parseJournals(example('budget-transfers-erp-rejects.csv')).ok).toBe(true);
  });
});

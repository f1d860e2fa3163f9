import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { type GlInterfaceHeader, writeGlInterface } from './gl-interface.ts';
import type { Journal } from './journal.ts';
import { zipGlInterface } from './journal-archive.ts';

const header: GlInterfaceHeader = {
  ledgerId: '300000000000001',
  ledgerName: 'US Primary Ledger',
  source: 'Spreadsheet',
  category: 'Budget Transfer',
  groupId: '7001',
  batchName: 'Budget transfers 7001',
  createdOn: '2026-11-21',
};

const line = {
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
  description: 'Training "Lead", phase 2',
};

const journals: Journal[] = [
  { name: 'BT-1', lines: [line, { ...line, fileLine: 3, lineNumber: 2, debitCents: 125_050, creditCents: 0 }] },
];

test('writes every field at the position of the journal import template', () => {
  const [row] = parse(writeGlInterface(journals, header));
  const filled = Object.fromEntries(row?.flatMap((value, index) => (value === '' ? [] : [[index + 1, value]])) ?? []);
  expect(filled).toEqual({
    1: 'NEW',
    2: '300000000000001',
    3: '2026/11/03',
    4: 'Spreadsheet',
    5: 'Budget Transfer',
    6: 'USD',
    7: '2026/11/21',
    8: 'A',
    9: '101',
    10: '3100',
    11: '61300',
    40: '1250.50',
    43: 'Budget transfers 7001',
    44: 'Budget transfers, group 7001',
    46: 'BT-1',
    47: 'Budget transfer BT-1',
    48: 'BT-1',
    52: 'Training "Lead", phase 2',
    67: '7001',
    92: 'US Primary Ledger',
    95: 'Nov-26',
  });
});

test('writes 149 fields a row, no header row, and debits in field 39', () => {
  const rows = parse(writeGlInterface(journals, header));
  expect(rows.map((row) => row.length)).toEqual([149, 149]);
  expect(rows.map((row) => row.slice(38, 40))).toEqual([
    ['', '1250.50'],
    ['1250.50', ''],
  ]);
});

test('zips the file under the name the loader looks for', () => {
  const csv = writeGlInterface(journals, header);
  const files = unzipSync(zipGlInterface(csv, header.createdOn));
  expect(Object.keys(files)).toEqual(['GlInterface.csv']);
  expect(strFromU8(files['GlInterface.csv'] ?? new Uint8Array())).toBe(csv);
});

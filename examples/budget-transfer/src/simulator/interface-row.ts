import { parse } from 'csv-parse/sync';

/** A row of the interface table. Amounts are integer cents. */
export interface InterfaceRow {
  /** 1-based, in its file. */
  readonly rowNumber: number;
  readonly ledgerId: string;
  readonly ledgerName: string;
  /** `YYYY/MM/DD`. */
  readonly date: string;
  readonly source: string;
  readonly currency: string;
  readonly actualFlag: string;
  readonly company: string;
  readonly costCenter: string;
  readonly account: string;
  readonly debitCents: number;
  readonly creditCents: number;
  readonly batchPrefix: string;
  readonly journal: string;
  readonly groupId: string;
}

export interface ReadInterfaceFile {
  readonly rows: readonly InterfaceRow[];
  /** One sentence for each field that cannot be loaded, by row. */
  readonly errors: readonly string[];
}

// Read from the template's column list on its own: sharing the writer's table would hide a wrong position.
const requiredFields = [
  [1, 'Status Code'],
  [3, 'Effective Date of Transaction'],
  [4, 'Journal Source'],
  [5, 'Journal Category'],
  [6, 'Currency Code'],
  [7, 'Journal Entry Creation Date'],
  [8, 'Actual Flag'],
] as const;

/** Reads GlInterface.csv as the loader does: types and required fields, but not what the values mean. */
export function readInterfaceFile(text: string): ReadInterfaceFile {
  let records: string[][];
  try {
    records = parse(text, { relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    return { rows: [], errors: [`The file is not well-formed CSV: ${error instanceof Error ? error.message : error}`] };
  }
  if (records.length === 0) return { rows: [], errors: ['The file has no rows.'] };
  const errors = records.flatMap((fields, index) => checkFields(fields).map((error) => `Row ${index + 1}: ${error}`));
  return { rows: errors.length > 0 ? [] : records.map((fields, index) => toRow(fields, index + 1)), errors };
}

function at(fields: readonly string[], position: number): string {
  return fields[position - 1] ?? '';
}

function checkFields(fields: readonly string[]): string[] {
  const isTemplateRow = fields.length === 150 && at(fields, 150) === 'END';
  if (fields.length !== 149 && !isTemplateRow)
    return [`expected 149 fields, or 150 with END last, got ${fields.length}`];
  const errors: string[] = requiredFields
    .filter(([position]) => at(fields, position) === '')
    .map(([position, name]) => `${name} (field ${position}) is required`);
  if (at(fields, 2) === '' && at(fields, 92) === '')
    errors.push('Ledger ID (field 2) or Ledger Name (field 92) is required');
  if (at(fields, 1) !== 'NEW') errors.push(`Status Code (field 1) must be NEW, got "${at(fields, 1)}"`);
  for (const position of [3, 7]) {
    const value = at(fields, position);
    if (value !== '' && !/^\d{4}\/\d{2}\/\d{2}$/.test(value))
      errors.push(`field ${position} must be a date YYYY/MM/DD, got "${value}"`);
  }
  for (const position of [39, 40]) {
    const value = at(fields, position);
    if (value !== '' && !/^-?\d+(\.\d{1,2})?$/.test(value))
      errors.push(`field ${position} must be a number, got "${value}"`);
  }
  if (!/^\d{1,18}$/.test(at(fields, 67))) {
    errors.push(`Interface Group Identifier (field 67) must be a number, got "${at(fields, 67)}"`);
  }
  return errors;
}

function toRow(fields: readonly string[], rowNumber: number): InterfaceRow {
  return {
    rowNumber,
    ledgerId: at(fields, 2),
    ledgerName: at(fields, 92),
    date: at(fields, 3),
    source: at(fields, 4),
    currency: at(fields, 6),
    actualFlag: at(fields, 8),
    company: at(fields, 9),
    costCenter: at(fields, 10),
    account: at(fields, 11),
    debitCents: toCents(at(fields, 39)),
    creditCents: toCents(at(fields, 40)),
    batchPrefix: at(fields, 43),
    journal: at(fields, 46),
    groupId: at(fields, 67),
  };
}

function toCents(value: string): number {
  const [whole = '', fraction = ''] = value.split('.');
  return Number(`${whole}${fraction.padEnd(2, '0')}`);
}

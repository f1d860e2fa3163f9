import { CsvError, parse } from 'csv-parse/sync';
import { taxIdFault } from './tax-id.ts';

/** A line of the registry. */
export interface Taxpayer {
  taxId: string;
  name: string;
  status: string;
  region: string;
  /** `2019-03-31`. */
  registeredOn: string;
}

/** The first line of a registry file. */
export const header = 'tax_id;name;status;region;registered_on';

const columnCount = header.split(';').length;
const statuses = new Set(['active', 'suspended', 'closed']);

/** Reads a line; a text is what is wrong with it. Each line is a record by itself, so that a stray quote spoils no other. */
export function readTaxpayer(line: string): Taxpayer | string {
  const fields = fieldsOf(line);
  if (typeof fields === 'string') return fields;
  if (fields.length !== columnCount) return `${columnCount} columns are expected, and there are ${fields.length}`;
  const [taxId, name, status, region, registeredOn] = fields as [string, string, string, string, string];
  const fault = taxIdFault(taxId);
  if (fault) return fault;
  if (name === '') return 'the name is missing';
  if (!statuses.has(status)) return `the status must be one of ${[...statuses].join(', ')}`;
  if (!isDay(registeredOn)) return 'the day of registration must be a date as 2019-03-31';
  return { taxId, name, status, region, registeredOn };
}

function fieldsOf(line: string): string[] | string {
  try {
    const [fields = []] = parse(line, { delimiter: ';', trim: true, relax_column_count: true }) as string[][];
    return fields;
  } catch (error) {
    if (error instanceof CsvError) return 'a quote is not closed, or stands where none may be';
    throw error;
  }
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

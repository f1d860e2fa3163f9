import type { AnyRow } from '../steps.ts';

type Value = string | number | null;

/**
 * Rows as they cross from a thread: the names of the columns, then the values of each row. Objects, each with its names, take twice as
 * long to be copied.
 */
export type PackedRows = (readonly string[] | readonly Value[])[];

export function pack(rows: readonly AnyRow[]): PackedRows {
  const [first] = rows;
  if (!first) return [];
  const packed: PackedRows = [Object.keys(first)];
  for (const row of rows) packed.push(Object.values(row));
  return packed;
}

export function unpack(packed: PackedRows): AnyRow[] {
  const columns = (packed[0] ?? []) as readonly string[];
  const rows: AnyRow[] = [];
  for (let n = 1; n < packed.length; n++) {
    const values = packed[n] as readonly Value[];
    const row: Record<string, Value> = {};
    for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as Value;
    rows.push(row as unknown as AnyRow);
  }
  return rows;
}

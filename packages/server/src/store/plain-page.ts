import type { PlainRecord } from '../domain/store/records.ts';
import { pageBytes } from './page-rows.ts';

/** The records of one topic past a rev: see `plainAfter`. */
export interface PlainRow {
  n: number;
  others: number;
  /** Null where nothing is plain, as `sizes`. */
  bodies: string | null;
  sizes: string | null;
}

/** Records past a rev, each once, in rev order. */
interface PlainPage {
  plain: PlainRecord[];
  /** There may be more. */
  full: boolean;
}

/**
 * Makes one page of what is on several topics, as `mergePage` does of rows.
 *
 * @param limit the number up to which records were read of each topic
 * @param personal the user's own topic
 * @returns null if some records are not plain
 */
export function plainPage(
  found: readonly { topic: string; row: PlainRow }[],
  limit: number,
  personal: string,
): PlainPage | null {
  if (found.some(({ row }) => row.others > 0)) return null;
  const all: PlainRecord[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const { topic, row } of found) {
    if (row.n === 0) continue;
    const records = recordsOf(row, topic === personal);
    all.push(...records);
    if (row.n >= limit) end = Math.min(end, records.at(-1)?.rev ?? 0);
  }
  all.sort((a, b) => a.rev - b.rev);
  const plain: PlainRecord[] = [];
  let bytes = 0;
  for (const record of all) {
    if (record.rev > end || plain.length >= limit || bytes >= pageBytes) return { plain, full: true };
    if (record.rev === plain.at(-1)?.rev) continue;
    plain.push(record);
    bytes += record.end - record.begin;
  }
  return { plain, full: end < Number.POSITIVE_INFINITY };
}

function recordsOf({ bodies, sizes }: PlainRow, isPersonal: boolean): PlainRecord[] {
  const source = Buffer.from(bodies ?? '');
  const numbers: number[] = JSON.parse(`[${sizes ?? ''}]`);
  const records: PlainRecord[] = [];
  let begin = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    const end = begin + (numbers[i + 1] as number);
    records.push({ rev: numbers[i] as number, source, begin, end, isPersonal });
    begin = end;
  }
  return records;
}

/** A row of a page. */
export interface SizedRow {
  id: string;
  /** The size of its texts. */
  bytes: number;
}

/** A page ends with the row that takes it past this size, so that what is read at once, and waits for a slow reader, stays bounded. */
export const pageBytes = 524_288;

/** The order in which the rows of several statements make one page: that of a column. */
export interface PageOrder {
  by: string;
  direction: 'asc' | 'desc';
}

/** The first rows of what there is, one at least if there are any. */
export interface PageRows<Row> {
  rows: Row[];
  /** There may be more. */
  full: boolean;
}

/** Takes rows until there are `limit`, which is above 0, or they are past `pageBytes`. Reads no row more than that. */
export function takePage<Row extends SizedRow>(rows: Iterable<Row>, limit: number): PageRows<Row> {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += row.bytes;
    if (taken.length >= limit || bytes >= pageBytes) return { rows: taken, full: true };
  }
  return { rows: taken, full: false };
}

/** Adds rows, which are in order too, to a page, each once. Reads none past its end. */
export function mergePage<Row extends SizedRow>(
  page: PageRows<Row>,
  rows: Iterable<Row>,
  { by, direction }: PageOrder,
  limit: number,
): PageRows<Row> {
  if (page.rows.length === 0) return takePage(rows, limit);
  const sign = direction === 'asc' ? 1 : -1;
  const keyOf = (row: Row): number => sign * Number((row as Row & Record<string, unknown>)[by]);
  const last = page.full ? page.rows.at(-1) : undefined;
  const end = last ? keyOf(last) : Number.POSITIVE_INFINITY;
  const added = takePage(
    before(rows, (row) => keyOf(row) >= end),
    limit,
  );
  if (added.rows.length === 0) return page;
  const all = [...page.rows, ...added.rows].sort((a, b) => keyOf(a) - keyOf(b));
  return takePage(
    all.filter((row, i) => row.id !== all[i - 1]?.id),
    limit,
  );
}

function* before<Row>(rows: Iterable<Row>, isPast: (row: Row) => boolean): Iterable<Row> {
  for (const row of rows) {
    if (isPast(row)) return;
    yield row;
  }
}

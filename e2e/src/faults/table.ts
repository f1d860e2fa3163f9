import type { Verdict } from './oracle.ts';

/** All that was seen of one fault in one world. */
export interface Row {
  fault: string;
  world: string;
  runs: number;
  verdict: Omit<Verdict, 'stories'>;
  /** Why it could not strike there. */
  missing?: string;
}

const columns = ['fault', 'in', 'runs', 'accepted', 'delivered', 'lost', 'twice', 'out of order', 'not theirs'];

/** A table of Markdown. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The rows as a table of Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ fault, world, runs, verdict, missing }) => {
    const { accepted, delivered, lost, appliedTwice, outOfOrder, notTheirs } = verdict;
    const numbers = [accepted, delivered, lost, appliedTwice, outOfOrder, notTheirs];
    return [fault, world, ...(missing ? [`not run: ${missing}`, ...numbers.map(() => '')] : [runs, ...numbers])];
  });
  return markdownTable(columns, lines);
}

/** All that was seen of a part, beside the notifications, under one fault in one world. */
export interface PartRow {
  fault: string;
  world: string;
  runs: number;
  /** By the heads of their columns. */
  counts: Record<string, number>;
}

/** The rows of one part as a table of Markdown. */
export function partTableOf(rows: readonly PartRow[]): string {
  const names = Object.keys(rows[0]?.counts ?? {});
  const lines = rows.map(({ fault, world, runs, counts }) => [
    fault,
    world,
    runs,
    ...names.map((name) => counts[name] ?? 0),
  ]);
  return markdownTable(['fault', 'in', 'runs', ...names], lines);
}

import { withSpread } from './spread.ts';
import type { Line, Summary } from './summary.ts';

const whole = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–');
const short = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : '–');
const times = (value: number): string => value.toFixed(2);
const cores = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

const columns: { title: (summary: Summary) => string; cell: (line: Line) => string }[] = [
  { title: () => 'server', cell: (line) => line.peer },
  { title: ({ unit }) => `${unit}/s`, cell: (line) => whole(line.perSecond) },
  { title: () => 'per CPU s', cell: (line) => whole(line.perCpuSecond) },
  { title: () => 'CPU µs each', cell: (line) => short(1e6 / line.perCpuSecond) },
  {
    title: () => 'Tidings is',
    cell: (line) => (line.tidingsIs === null ? '' : `${withSpread(line.tidingsIs, times)} ×`),
  },
  { title: () => 'p50 ms', cell: (line) => short(line.p50) },
  { title: () => 'p99 ms', cell: (line) => short(line.p99) },
  { title: () => 'lost', cell: (line) => whole(line.lost) },
  { title: () => 'wrong', cell: (line) => whole(line.wrong) },
  { title: () => 'server cores', cell: (line) => cores(line.serverCores) },
  { title: () => 'publisher', cell: (line) => cores(line.publisherCores) },
  { title: () => 'receiver', cell: (line) => cores(line.receiverCores) },
  { title: () => 'limit', cell: (line) => line.limit ?? 'server' },
];

function rowsOf(summary: Summary): string[][] {
  return [
    columns.map(({ title }) => title(summary)),
    ...summary.lines.map((line) => columns.map(({ cell }) => cell(line))),
  ];
}

/** A scenario as Markdown, for a page of the documents. */
export function markdown(summary: Summary): string {
  const [head, ...rows] = rowsOf(summary).map((cells) => `| ${cells.join(' | ')} |`);
  const rule = `|---|${'--:|'.repeat(columns.length - 1)}`;
  return ['', `### ${summary.title}`, '', head, rule, ...rows].join('\n');
}

/** A scenario as text for a terminal. */
export function table(summary: Summary): string {
  const rows = rowsOf(summary);
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  const align = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number);
  const body = rows.map((row) => `  ${row.map(align).join('  ')}`);
  const refusals = summary.lines
    .filter((line) => line.refused > 0)
    .map((line) => `  ${line.peer} refused ${line.refused}, as: ${line.refusal}`);
  const absent = summary.absent.map((text) => `  Not here: ${text}`);
  return ['', summary.title, ...body, `  ${summary.note}`, ...refusals, ...absent].join('\n');
}

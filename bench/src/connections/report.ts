import type { Figures } from './play.ts';

/** A figure over all rounds. */
interface Spread {
  median: number;
  least: number;
  most: number;
}

export type Spreads = Record<string, Partial<Record<keyof Figures, Spread>>>;

const columns: readonly [keyof Figures, string][] = [
  ['connect', 'a new connection, CPU µs'],
  ['idle', 'an idle connection, KB'],
  ['back', 'a return, CPU µs'],
  ['record', 'a record missed, CPU µs'],
  ['behind', 'a return behind, beside one that is not'],
  ['ready', 'start, ms'],
  ['resident', 'then resident, MB'],
];

/** Median, least and most of each figure of each server. */
export const spreads = (found: Readonly<Record<string, readonly Figures[]>>): Spreads =>
  Object.fromEntries(
    Object.entries(found).map(([server, rounds]) => [
      server,
      Object.fromEntries(
        columns.flatMap(([name]) => {
          const values = rounds.flatMap((figures) => figures[name] ?? []).sort((a, b) => a - b);
          return values.length > 0 ? [[name, spreadOf(values)]] : [];
        }),
      ),
    ]),
  );

function spreadOf(sorted: readonly number[]): Spread {
  const half = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(half)] as number) + (sorted[Math.ceil(half)] as number)) / 2;
  return { median, least: sorted[0] as number, most: sorted.at(-1) as number };
}

/** The figures as Markdown, which is also read well at a terminal: the median, and from where to where it went. */
export function table(servers: Spreads): string {
  const names = Object.keys(servers);
  const cell = (spread: Spread | undefined): string =>
    spread ? `${short(spread.median)} (${short(spread.least)}–${short(spread.most)})` : '–';
  const rows = columns.map(
    ([name, title]) => `| ${title} | ${names.map((server) => cell(servers[server]?.[name])).join(' | ')} |`,
  );
  return [`| | ${names.join(' | ')} |`, `|---|${'--:|'.repeat(names.length)}`, ...rows].join('\n');
}

const short = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(1) : String(Math.round(value)));

import { type Spread, spreadOf, withSpread } from '../report/spread.ts';
import type { Figures } from './play.ts';

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
          const values = rounds.flatMap((figures) => figures[name] ?? []);
          return values.length > 0 ? [[name, spreadOf(values)]] : [];
        }),
      ),
    ]),
  );

/** The figures as Markdown, which is also read well at a terminal: the median, and from where to where it went. */
export function table(servers: Spreads): string {
  const names = Object.keys(servers);
  const cell = (spread: Spread | undefined): string => (spread ? withSpread(spread) : '–');
  const rows = columns.map(
    ([name, title]) => `| ${title} | ${names.map((server) => cell(servers[server]?.[name])).join(' | ')} |`,
  );
  return [`| | ${names.join(' | ')} |`, `|---|${'--:|'.repeat(names.length)}`, ...rows].join('\n');
}

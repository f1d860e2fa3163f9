import { type Spread, spreadOf, withSpread } from '../report/spread.ts';
import type { Figures } from './order.ts';

const titles: Record<string, string> = {
  delivered: 'delivered updates a second',
  share: 'of all that was to be delivered, %',
  frames: 'frames a second to each member',
  megabytes: 'MB a second',
  cores: 'server, cores',
  micros: 'CPU of a delivered update, µs',
  p50: 'propagation p50, ms',
  p99: 'propagation p99, ms',
  messageP99: 'a room message, p99, ms',
  ratio: 'p99 beside that of a room message',
  closed: 'connections that were closed',
  join: 'CPU of a join, µs',
  kilobytes: 'resident memory of a room, KB',
  toldSeconds: 'until all are told, s',
  clientCores: 'clients, cores',
};

export type Spreads = Record<string, Record<string, Spread>>;

/** Median, least and most of each figure of each server. */
export const spreads = (found: Readonly<Record<string, readonly Figures[]>>): Spreads =>
  Object.fromEntries(
    Object.entries(found).flatMap(([server, rounds]) => {
      const names = Object.keys(rounds[0] ?? {});
      // Figures of a play in which nothing was delivered are no numbers.
      const figures = names.flatMap((name) => {
        const values = rounds.map((round) => round[name] as number).filter(Number.isFinite);
        return values.length > 0 ? [[name, spreadOf(values)]] : [];
      });
      return names.length > 0 ? [[server, Object.fromEntries(figures)]] : [];
    }),
  );

/** The figures as Markdown: the median, and from where to where it went. */
export function table(play: string, servers: Spreads): string {
  const names = Object.keys(servers);
  const rows = Object.entries(titles)
    .filter(([figure]) => names.some((server) => servers[server]?.[figure]))
    .map(([figure, title]) => {
      const cells = names.map((server) => {
        const spread = servers[server]?.[figure];
        return spread ? withSpread(spread, short) : '–';
      });
      return `| ${title} | ${cells.join(' | ')} |`;
    });
  return [`| ${play} | ${names.join(' | ')} |`, `|---|${'--:|'.repeat(names.length)}`, ...rows].join('\n');
}

const short = (value: number): string =>
  Math.abs(value) < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en');

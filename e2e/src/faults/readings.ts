import { readdirSync } from 'node:fs';
import type { ReadMetrics } from '../../../packages/server/testing/metrics-reader.ts';
import { residentBytes } from '../resident-memory.ts';
import type { ServerProcess } from '../server-process.ts';
import { quantile } from './figures.ts';

/** The memory and handles of a server process when all is quiet. */
export interface Held {
  pid: number;
  /** Objects and buffers that are left when its garbage is collected, MiB. */
  kept: number;
  /** Resident memory, MiB. */
  memory: number;
  /** Open files and connections. */
  handles: number;
}

const mebibyte = 1_048_576;

/** Read from Linux' /proc, and from the process. */
export async function heldBy(server: ServerProcess): Promise<Held> {
  const { pid } = server;
  const kept = (await server.keptBytes()) / mebibyte;
  const memory = residentBytes(pid) / mebibyte;
  return { pid, kept, memory, handles: readdirSync(`/proc/${pid}/fd`).length };
}

/** A process has to be seen so often before it is judged; the first time is not counted: it is warm then. */
const fewest = 5;
/** The most by which the last third of the readings may be above the first. */
const most = {
  kept: (was: number) => was * 1.1 + 4,
  memory: (was: number) => was * 1.25 + 16,
  handles: (was: number) => was + 10,
};

/** The readings of each process at the begin and at the end of its life, as rows, and those that grew. */
export function growthOf(readings: readonly Held[]): { rows: string[]; problems: string[] } {
  const rows: string[] = [];
  const problems: string[] = [];
  for (const [pid, all] of Map.groupBy(readings, (held) => held.pid)) {
    if (all.length < fewest) continue;
    const warm = all.slice(1);
    const third = Math.ceil(warm.length / 3);
    const cells = (['kept', 'memory', 'handles'] as const).map((what) => {
      const middle = (some: readonly Held[]) =>
        quantile(
          some.map((held) => held[what]),
          0.5,
        );
      const [was, is] = [middle(warm.slice(0, third)), middle(warm.slice(-third))];
      const change = `${was.toFixed(1)} → ${is.toFixed(1)}`;
      if (is > most[what](was)) problems.push(`process ${pid}: ${what} ${change} in ${all.length} readings`);
      return change;
    });
    rows.push(`| ${[pid, all.length, ...cells].join(' | ')} |`);
  }
  return { rows, problems };
}

/** Sums of docs/metrics.md that do not hold in the metrics of a server at rest. */
export function contradictions(metrics: ReadMetrics): string[] {
  const of = (name: string): number => metrics.value(`tidings_${name}`);
  const waiting = metrics.sum('tidings_waiting');
  const got = of('hidden_total') + of('written_total') + of('conflated_total') + of('missed_total');
  return [
    ...(waiting === 0 ? [] : [`${waiting} wait`]),
    ...(of('recipients_total') === got ? [] : [`recipients are ${of('recipients_total')}, and ${got} have an outcome`]),
    ...(of('committed_total') === of('published_total')
      ? []
      : [`committed are ${of('committed_total')}, and published ${of('published_total')}`]),
  ];
}

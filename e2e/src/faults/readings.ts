import { readdirSync, readFileSync } from 'node:fs';
import type { ReadMetrics } from '../../../packages/server/testing/metrics-reader.ts';
import type { ServerProcess } from '../server-process.ts';

/** The memory and handles of a server. */
interface Held {
  /** Resident memory, MiB. */
  memory: number;
  /** Open files and connections. */
  handles: number;
}

/** Read from Linux' /proc. */
export function heldBy({ pid }: ServerProcess): Held {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { memory: Math.round((pages * 4_096) / 1_048_576), handles: readdirSync(`/proc/${pid}/fd`).length };
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

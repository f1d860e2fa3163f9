import { readdirSync, readFileSync } from 'node:fs';
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

/** The counters of a server, by their names with labels. */
export async function countersOf({ url, apiKey }: ServerProcess): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  const samples = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Sums of docs/metrics.md that do not hold in the counters of a server at rest. */
export function contradictions(counters: ReadonlyMap<string, number>): string[] {
  const of = (name: string): number => counters.get(`tidings_${name}`) ?? Number.NaN;
  const waiting = [...counters].filter(([name, value]) => name.startsWith('tidings_waiting') && value !== 0);
  const got = of('hidden_total') + of('written_total') + of('conflated_total') + of('missed_total');
  return [
    ...waiting.map(([name, value]) => `${name} is ${value}`),
    ...(of('recipients_total') === got ? [] : [`recipients are ${of('recipients_total')}, and ${got} have an outcome`]),
    ...(of('committed_total') === of('published_total')
      ? []
      : [`committed are ${of('committed_total')}, and published ${of('published_total')}`]),
  ];
}

import { percentile } from '../percentile.ts';
import type { Heard } from './watchers-process.ts';

export interface Lateness {
  p50: number;
  p99: number;
  max: number;
  /** From the call that ended the task until the last watcher heard it; null if one did not. */
  end: number | null;
}

/**
 * The time from each report to its delivery, or a newer one's, over all watchers, ms.
 *
 * @param made when each report was made, µs, by its number; the last is the end
 */
export function latenessOf(made: readonly number[], heard: Heard): Lateness {
  const late: number[] = [];
  for (const reports of heard.reports) {
    let next = 0;
    for (const { n, at } of reports) for (; next <= n; next++) late.push((at - (made[next] as number)) / 1000);
  }
  late.sort((a, b) => a - b);
  const at = (share: number) => percentile(late, share);
  const ends = heard.ends.map((end) => (end === null ? null : (end - (made.at(-1) as number)) / 1000));
  return { p50: at(0.5), p99: at(0.99), max: at(1), end: ends.includes(null) ? null : Math.max(...(ends as number[])) };
}

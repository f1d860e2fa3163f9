import { setTimeout as pause } from 'node:timers/promises';
import { ownCpuSeconds } from '../load/monotonic.ts';
import { percentile } from '../percentile.ts';
import { processCpuSeconds } from '../processes.ts';

/** Calls for each client in turn, each so many times a second, for some seconds. @returns the calls that were made */
export async function atPace(
  { clients, perSecond, seconds }: { clients: number; perSecond: number; seconds: number },
  call: (client: number, round: number) => void,
): Promise<number> {
  const begun = performance.now();
  const all = Math.floor(clients * perSecond * seconds);
  for (let made = 0; made < all; ) {
    await pause(5);
    const due = Math.min(all, Math.floor(((performance.now() - begun) / 1_000) * clients * perSecond));
    for (; made < due; made++) call(made % clients, Math.floor(made / clients));
  }
  return all;
}

/** Processor time from now on: the server's, and that of this process. */
export function usage(pid: number): () => { serverSeconds: number; clientSeconds: number; seconds: number } {
  const [server, client, begun] = [processCpuSeconds(pid), ownCpuSeconds(), performance.now()];
  return () => ({
    serverSeconds: processCpuSeconds(pid) - server,
    clientSeconds: ownCpuSeconds() - client,
    seconds: (performance.now() - begun) / 1_000,
  });
}

/** The median and the 99th percentile, ms. */
export function delays(found: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(found).sort();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

/** Resolves when it is so. @throws Error once it is late */
export async function until(isSo: () => boolean, said: () => string, limitMs = 20_000): Promise<void> {
  for (const begun = performance.now(); !isSo(); await pause(5)) {
    if (performance.now() - begun > limitMs) throw new Error(`after ${limitMs / 1_000} s: ${said()}`);
  }
}

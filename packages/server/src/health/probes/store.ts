import { inTime } from '../../domain/in-time.ts';
import type { Clock } from '../../domain/ports.ts';
import type { StoreHealth } from '../../domain/store/commits.ts';
import type { HistoryStore } from '../../domain/store/history.ts';
import { judged, type Probe } from '../finding.ts';

/** A read of one row that takes longer is slow, and one that takes still longer is not waited for, ms. */
const [slowMs, limitMs] = [250, 1_000];

const slow = (took: string) =>
  ({
    state: 'degraded',
    reason: `the database ${took} to read one row; look at its load, its disk and the network to it`,
  }) as const;

/** Asks whether the database can be read and written, and times one read. */
export function storeProbe(store: StoreHealth & Pick<HistoryStore, 'head'>, clock: Pick<Clock, 'after'>): Probe {
  let reading: Promise<unknown> | null = null;
  return {
    component: 'store',
    async run() {
      const { ok, reason } = store.health();
      if (!ok) return judged([{ state: 'down', reason: reason ?? 'the database cannot be used' }]);
      const begun = performance.now();
      // One that hangs is not asked again: what hangs is said by the next finding.
      reading ??= store.head().finally(() => {
        reading = null;
      });
      const outcome = await inTime(clock, limitMs, reading, () => 'late' as const);
      if (outcome === 'late') return judged([slow(`needs more than ${limitMs / 1_000} s`)]);
      const latency = performance.now() - begun;
      return judged([latency > slowMs ? slow(`took ${Math.round(latency)} ms`) : null], latency);
    },
  };
}

import type { Clock } from '../../domain/ports.ts';
import type { DatabaseTime } from '../../domain/store/commits.ts';
import { judged, type Probe } from '../finding.ts';
import { slowProbe } from './slow-probe.ts';

/** The most by which this machine's clock and the database's may differ, ms, beside the time of the question. */
const [offMs, farOffMs] = [2_000, 30_000];

/** Compares this node's clock with that of its database, by which leases and schedules go. */
export const clockProbe = (store: DatabaseTime, clock: Pick<Clock, 'now' | 'monotonic'>): Probe =>
  slowProbe(
    {
      component: 'clock',
      async run() {
        const before = clock.now();
        const theirs = await store.databaseTime();
        const after = clock.now();
        const difference = theirs < before ? theirs - before : Math.max(0, theirs - after);
        const off = Math.abs(difference);
        const way = difference > 0 ? 'behind' : 'ahead of';
        const reason = `the clock of this machine is ${(off / 1_000).toFixed(1)} s ${way} that of the database; let both follow NTP`;
        const state = off > farOffMs ? 'down' : 'degraded';
        return judged([off > offMs ? { state, reason } : null], Math.max(0, after - before));
      },
    },
    clock,
  );

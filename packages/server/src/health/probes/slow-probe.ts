import type { Clock } from '../../domain/ports.ts';
import type { Finding, Hold, Probe } from '../finding.ts';

/** Time for which a finding is kept, ms. */
const keptMs = 10_000;
/** Two findings that differ in time, to get worse; three to get better. */
const hold: Hold = { worse: 12, better: 22 };

/** A probe that costs the database something: it looks every 10 s, and in between says again what it found. */
export function slowProbe(probe: Probe, clock: Pick<Clock, 'monotonic'>): Probe {
  let last: { finding: Finding; at: number } | null = null;
  return {
    component: probe.component,
    hold,
    async run() {
      const now = clock.monotonic();
      if (last === null || now - last.at >= keptMs) last = { finding: await probe.run(), at: now };
      return last.finding;
    },
  };
}

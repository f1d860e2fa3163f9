import { monitorEventLoopDelay } from 'node:perf_hooks';
import { judged, type Probe } from '../finding.ts';

/** Time between two samples, ms: few, since each wakes the process. */
const sampleMs = 100;
/** Delays from which on the node is slow for everybody, ms. */
const [longDelayMs, blockedMs] = [500, 2_000];

/** Measures how late the event loop is, from its first run on. */
export function eventLoopProbe(): Probe {
  const delays = monitorEventLoopDelay({ resolution: sampleMs });
  return {
    component: 'event_loop',
    run() {
      // A sample is the time from one to the next; nothing was sampled in a loop that was blocked.
      const latest = Math.max(0, delays.max / 1e6 - sampleMs);
      delays.reset();
      // Does nothing from the second time on.
      delays.enable();
      const reason = `the event loop was blocked for ${Math.round(latest)} ms; look for handlers that compute for long without a pause, or give this machine less to do`;
      const state = latest > blockedMs ? 'down' : 'degraded';
      return judged([latest > longDelayMs ? { state, reason } : null], latest);
    },
  };
}

import type { Clock } from '../../domain/ports.ts';
import { judged, type Probe } from '../finding.ts';

/** The runs of the job by which the runner says that it lives. */
interface PollCount {
  runs: number;
  failures: number;
}

/** Time between two probes of which no more is counted, ms: they are a second apart, or two where one of a component hangs. */
const longestPauseMs = 3_000;

/** Looks whether the runner of tasks says in time that it lives: after `leaseMs` of silence others take over its tasks. */
export function runnerProbe(polls: () => PollCount, leaseMs: number, clock: Pick<Clock, 'monotonic'>): Probe {
  let seen: PollCount = { runs: 0, failures: 0 };
  let hasFailed = false;
  /** Time since the last poll, as far as probes were made in it: a process that stood still was not silent. */
  let silentMs = 0;
  let probedAt = clock.monotonic();
  return {
    component: 'runner',
    run() {
      const { runs, failures } = polls();
      const now = clock.monotonic();
      silentMs += Math.min(now - probedAt, longestPauseMs);
      probedAt = now;
      if (runs !== seen.runs || failures !== seen.failures) {
        hasFailed = failures !== seen.failures;
        seen = { runs, failures };
        silentMs = 0;
      }
      if (silentMs > leaseMs) {
        const reason = `the runner of tasks has not said for ${leaseMs / 1_000} s that it lives, so that other nodes take over its tasks; look at the database, and restart this node if that is well`;
        return judged([{ state: 'down', reason }]);
      }
      const reason = `the runner of tasks could not say that it lives; after ${leaseMs / 1_000} s others take over its tasks; the log says why (where: tasks)`;
      return judged([hasFailed ? { state: 'degraded', reason } : null]);
    },
  };
}

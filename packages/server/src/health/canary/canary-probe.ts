import type { Transport } from '../../telemetry/counters.ts';
import { judged, ok, type Probe } from '../finding.ts';
import type { BeatResult, Canary } from './canary.ts';
import type { MissedNode } from './other-nodes.ts';

/** Beats in a row that the broker has not brought: one alone may have been overtaken by a read of the store. */
const missedInRow = 2;
/** Lost beats in a row from which on nothing comes through. */
const lostUntilDown = 2;
const names: Record<Transport, string> = {
  websocket: 'WebSocket',
  sse: 'Server-Sent Events',
  long_poll: 'long polling',
};

/**
 * Judges the last beats, and whether those of other nodes arrive. One that is lost is shown at once, as `degraded`: a process that stood still for
 * its time limit loses one, and is to get traffic all the same. From the second in a row on, nothing comes through.
 */
export const canaryProbe = (canary: Canary): Probe => ({
  component: 'canary',
  hold: { worse: 1, better: 5 },
  run() {
    const { isRunning, last, lostInRow, missedByBroker, others } = canary;
    if (!isRunning || last === null) return ok();
    const latency = Math.max(...Object.values(last.arrivals).map(({ ms }) => ms ?? 0)) || null;
    const isMissed = missedByBroker >= missedInRow;
    const loss = lossOf(last);
    const lost = loss && lostInRow < lostUntilDown ? ({ ...loss, state: 'degraded' } as const) : loss;
    return judged([lost, isMissed ? byStoreAlone : null, ...others.missed().map(missing)], latency);
  },
});

const byStoreAlone = {
  state: 'degraded',
  reason:
    'what this node commits reaches its own hub only by the store, up to a second late: the broker accepts batches and does not deliver them; restart this node, and report it',
} as const;

/** The stage at which a beat was lost. */
function lossOf({ commitMs, commitFailure, hubMs, arrivals }: BeatResult) {
  const all = Object.entries(arrivals) as [Transport, BeatResult['arrivals'][Transport]][];
  const lost = all.filter(([, { ms }]) => ms === null);
  if (lost.length === 0) return null;
  if (commitMs === null && hubMs === null) {
    return {
      state: 'down',
      reason: `a record could not be committed: ${commitFailure ?? 'there is no answer yet'}; look at the database`,
    } as const;
  }
  if (hubMs === null) {
    return {
      state: 'down',
      reason:
        'a record was committed, and the hub has not released it: what is sent is stored and does not reach anybody who is connected here; restart this node, and report it',
    } as const;
  }
  const failed = lost.map(([transport, { failure }]) => `${names[transport]} (${failure ?? 'nothing came'})`);
  const reason = `a record was released, and did not arrive by ${failed.join(', ')}; look at the limits of open files and of connections, and restart this node if they are well`;
  return { state: lost.length === all.length ? 'down' : 'degraded', reason } as const;
}

function missing({ node, seconds, isAnnounced }: MissedNode) {
  const reason = isAnnounced
    ? `node ${node} says that it commits, and nothing of it has arrived for ${seconds} s; look at the broker of both nodes, and whether they share one database`
    : `nothing of node ${node} has arrived for ${seconds} s, and it did not say that it stops; look whether it runs`;
  return { state: 'degraded', reason } as const;
}

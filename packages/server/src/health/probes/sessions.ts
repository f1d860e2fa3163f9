import { judged, type Probe } from '../finding.ts';

/** The sessions of this node. */
interface SessionCounts {
  open: number;
  /** Sessions for which frames wait, since their clients do not keep up. */
  slow: number;
  /** Catch-ups that are open, and that wait for their turn. */
  openCatchUps: number;
  waitingCatchUps: number;
}

/** The share of slow sessions, of so many at least, from which on it is not their clients' fault alone. */
const [slowShare, slowCount] = [0.1, 10];
/** The share of the connections that a node may have. */
const full = 0.9;

/** Looks for sessions that wait: slow readers, and catch-ups that have no turn yet. */
export const sessionsProbe = (count: () => SessionCounts, maxConnections: number): Probe => ({
  component: 'sessions',
  run() {
    const { open, slow, openCatchUps, waitingCatchUps } = count();
    const isSlow = slow >= slowCount && slow > open * slowShare;
    return judged([
      isSlow
        ? {
            state: 'degraded',
            reason: `${slow} of ${open} sessions do not keep up with what they are sent; look at the network and the proxies before this node`,
          }
        : null,
      waitingCatchUps > openCatchUps
        ? {
            state: 'degraded',
            reason: `${waitingCatchUps} catch-ups wait for their turn behind ${openCatchUps}; after a restart this passes; else look at the database's reads, or raise limits.openCatchUps`,
          }
        : null,
      open > maxConnections * full
        ? {
            state: 'degraded',
            reason: `${open} of ${maxConnections} connections are open; add a node, or raise limits.maxConnections`,
          }
        : null,
    ]);
  },
});

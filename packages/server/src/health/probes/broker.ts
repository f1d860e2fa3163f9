import type { Broker, Ephemeral } from '../../domain/ports.ts';
import { judged, type Probe } from '../finding.ts';

/** Asks whether batches, and what is ephemeral, pass between nodes. */
export const brokerProbe = (broker: Pick<Broker, 'health'>, ephemeral: Pick<Ephemeral, 'health'>): Probe => ({
  component: 'broker',
  run() {
    // On PostgreSQL both go over one connection, and fail for one reason.
    const reasons = new Set([broker.health().reason, ephemeral.health().reason].filter((reason) => reason !== null));
    return judged([...reasons].map((reason) => ({ state: 'down', reason })));
  },
});

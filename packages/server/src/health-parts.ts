import type { DatabaseLocation } from './config/database.ts';
import type { Limits } from './config/options.ts';
import type { Broker, Clock, Ephemeral, Store } from './domain/ports.ts';
import type { Hub } from './fanout/hub.ts';
import { AbandonedRecords } from './health/canary/abandoned-records.ts';
import { Canary } from './health/canary/canary.ts';
import { canaryProbe } from './health/canary/canary-probe.ts';
import { ClusterHealth } from './health/cluster-health.ts';
import type { Probe } from './health/finding.ts';
import { HealthViewers } from './health/health-viewers.ts';
import { IncidentHistory } from './health/incident-history.ts';
import { HealthMonitor } from './health/monitor.ts';
import { brokerProbe } from './health/probes/broker.ts';
import { clockProbe } from './health/probes/clock.ts';
import { diskProbe } from './health/probes/disk.ts';
import { eventLoopProbe } from './health/probes/event-loop.ts';
import { memoryProbe } from './health/probes/memory.ts';
import { outboundProbe } from './health/probes/outbound.ts';
import { runnerProbe } from './health/probes/runner.ts';
import { sessionsProbe } from './health/probes/sessions.ts';
import { storeProbe } from './health/probes/store.ts';
import type { RoleDirectory } from './identity/role-directory.ts';
import type { NodeUsers } from './presence/node-users.ts';
import type { CatchUps } from './session/catch-ups.ts';
import type { Registry } from './session/registry.ts';
import type { Telemetry } from './telemetry/events.ts';

/** The parts of a server whose health is looked after. */
export interface HealthPartsGiven {
  node: string;
  store: Store;
  broker: Broker;
  ephemeral: Ephemeral;
  hub: Hub;
  registry: Registry;
  catchUps: CatchUps;
  presence: NodeUsers;
  roles: RoleDirectory;
  adminRole: string;
  clock: Clock;
  telemetry: Telemetry;
  limits: Limits;
  leaseMs: number;
  /** The runs of the job by which the runner says that it lives. */
  runnerPolls: () => { runs: number; failures: number };
  hasOutbound: boolean;
  /** Null where it is not known: then there is no disk and no clock to look at. */
  location: DatabaseLocation | null;
}

/** The probes of a server's components, its canary, its incidents, and what is known of other nodes. */
export function healthParts(given: HealthPartsGiven) {
  const { node, store, hub, ephemeral, presence, roles, adminRole, clock, telemetry } = given;
  const canary = new Canary({ node, store, hub, ephemeral, clock });
  const monitor = new HealthMonitor([...componentProbes(given), canaryProbe(canary)], () => canary.view(), {
    ...{ node, clock, telemetry },
  });
  const history = new IncidentHistory(node, { store, monitor, nodes: presence.nodes, telemetry });
  const cluster = new ClusterHealth(monitor, history, { ephemeral, nodes: presence.nodes, clock, telemetry });
  const viewers = new HealthViewers({ monitor, cluster, roles, adminRole, clock, telemetry });
  return { canary, abandonedRecords: new AbandonedRecords(node, store), monitor, history, cluster, viewers };
}

function componentProbes(given: HealthPartsGiven): Probe[] {
  const { store, broker, ephemeral, registry, catchUps, clock, limits, location } = given;
  const sessions = () => {
    const open = registry.size;
    return { open, slow: registry.slow, openCatchUps: catchUps.open, waitingCatchUps: catchUps.waiting };
  };
  return [
    storeProbe(store, clock),
    brokerProbe(broker, ephemeral),
    runnerProbe(given.runnerPolls, given.leaseMs, clock),
    ...(given.hasOutbound ? [outboundProbe(store, clock)] : []),
    sessionsProbe(sessions, limits.maxConnections),
    eventLoopProbe(),
    memoryProbe(),
    ...(location?.kind === 'sqlite' ? [diskProbe(location.path)] : []),
    // A file has the clock of this machine.
    ...(location?.kind === 'postgres' ? [clockProbe(store, clock)] : []),
  ];
}

import type { ComponentName, HealthState, NodeHealth, NodeIncident, SystemHealth } from '@tidings/protocol';

/** A component over all nodes that have it. */
export interface ShownComponent {
  name: ComponentName;
  /** The worst of all nodes. */
  state: HealthState;
  /** The slowest of all nodes, ms. */
  latencyMs: number | null;
  /** The nodes on which it is not ok, with why. */
  affected: { node: string; state: HealthState; reasons: readonly string[] }[];
  nodeCount: number;
  /** The newest first. */
  incidents: ShownIncident[];
}

export interface ShownIncident extends NodeIncident {
  start: number;
  /** Null while it goes on. */
  end: number | null;
}

/** The health of all nodes, as it is drawn. */
export interface Board {
  state: HealthState;
  /** True if no node works. */
  isAllDown: boolean;
  /** By name, so that they stay in their places. */
  nodes: readonly NodeHealth[];
  components: readonly ShownComponent[];
  /** The newest first, also of nodes that have ended. */
  incidents: readonly ShownIncident[];
  /** The beginning of what is known, milliseconds since 1970: that of the oldest incident, or of the oldest node's process. */
  knownSince: number;
}

/** The order in which components are shown: what a person notices first is first. */
const order: readonly ComponentName[] = [
  ...(['canary', 'store', 'broker', 'runner', 'outbound'] as const),
  ...(['sessions', 'event_loop', 'memory', 'disk', 'clock'] as const),
];
const severities: Record<HealthState, number> = { ok: 0, degraded: 1, down: 2 };
const worst = (states: readonly HealthState[]): HealthState =>
  states.reduce((a, b) => (severities[b] > severities[a] ? b : a), 'ok');

export function boardOf(health: SystemHealth): Board {
  const nodes = [health, ...health.other_nodes].sort((a, b) => (a.node < b.node ? -1 : 1));
  const incidents = health.history.map(shownIncident).sort((a, b) => b.start - a.start);
  const names = [...order, ...nodes.flatMap(({ components }) => Object.keys(components) as ComponentName[])];
  return {
    state: worst(nodes.map(({ status }) => status)),
    isAllDown: nodes.every(({ status }) => status === 'down'),
    nodes,
    // One that this program does not know is shown all the same.
    components: [...new Set(names)].flatMap((name) => componentOf(name, nodes, incidents)),
    incidents,
    knownSince: Math.min(...nodes.map(begunAt), ...incidents.map(({ start }) => start)),
  };
}

function componentOf(name: ComponentName, nodes: readonly NodeHealth[], incidents: readonly ShownIncident[]) {
  const found = nodes.flatMap(({ node, components }) => {
    const health = components[name];
    return health ? [{ node, ...health }] : [];
  });
  if (found.length === 0) return [];
  const latencies = found.flatMap(({ latency_ms }) => (latency_ms === null ? [] : [latency_ms]));
  const component: ShownComponent = {
    name,
    state: worst(found.map(({ state }) => state)),
    latencyMs: latencies.length > 0 ? Math.max(...latencies) : null,
    affected: found.filter(({ state }) => state !== 'ok'),
    nodeCount: found.length,
    incidents: incidents.filter(({ component: of }) => of === name),
  };
  return [component];
}

const shownIncident = (incident: NodeIncident): ShownIncident => ({
  ...incident,
  start: Date.parse(incident.started_at),
  end: incident.ended_at === null ? null : Date.parse(incident.ended_at),
});

/** A node names no time of its start, but each component has its state since then or later. */
const begunAt = ({ at, components }: NodeHealth): number =>
  Math.min(
    ...[at, ...Object.values(components).map(({ since }) => since)]
      .map((time) => Date.parse(time))
      .filter((time) => !Number.isNaN(time)),
  );

/** Those that touch a stretch of time. */
export const within = (incidents: readonly ShownIncident[], from: number): ShownIncident[] =>
  incidents.filter(({ end }) => end === null || end >= from);

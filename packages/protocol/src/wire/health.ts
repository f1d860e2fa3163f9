/** `degraded`: it works, less well than it should. `down`: it does not work. */
export type HealthState = 'ok' | 'degraded' | 'down';

export type ComponentName =
  | 'store'
  | 'broker'
  | 'canary'
  | 'runner'
  | 'outbound'
  | 'sessions'
  | 'event_loop'
  | 'memory'
  | 'disk'
  | 'clock';

/** The health of one component of a node. */
export interface ComponentHealth {
  state: HealthState;
  /** Since when it has this state: ISO 8601, UTC. */
  since: string;
  /** Each a sentence that says what to do. Empty where it is ok. */
  reasons: string[];
  /** The time of its last answer, ms; null where it has none. */
  latency_ms: number | null;
}

/**
 * The end of an incident: the component was well again, or its node was stopped or lost before that (`restart`), so that it is known
 * only until when it went on. A node is lost when it was killed, and when it is cut off from the database and the other nodes.
 */
export type IncidentEnd = 'recovery' | 'restart';

/** A component that was not ok for a while, or is not. */
export interface Incident {
  id: string;
  component: ComponentName;
  /** The worst state that it had. */
  state: 'degraded' | 'down';
  /** ISO 8601, UTC. */
  started_at: string;
  /** Null while it goes on. */
  ended_at: string | null;
  /** Null while it goes on. */
  ended_by: IncidentEnd | null;
  /** The reasons that it had, the first ones first. */
  reasons: string[];
}

/** An incident, with the node that had it. */
export interface NodeIncident extends Incident {
  node: string;
}

/** The last record that went from this node's store to connections of its own. */
export interface CanaryHealth {
  /** False where the canary is turned off, or nothing is served yet. */
  running: boolean;
  /** The way of its connections: over the network to the port that is served, or inside the process; none before the first. */
  connects: 'none' | 'loopback' | 'in_process';
  /** When it was sent: ISO 8601, UTC. Null before the first. */
  sent_at: string | null;
  /** From then until it was committed, until the hub had released it, and until each connection had it, ms; null where it is missing. */
  commit_ms: number | null;
  hub_ms: number | null;
  websocket_ms: number | null;
  sse_ms: number | null;
  long_poll_ms: number | null;
}

/** The health of one node. */
export interface NodeHealth {
  /** Another name for each start of a process. */
  node: string;
  status: HealthState;
  /** When this was put together: ISO 8601, UTC. */
  at: string;
  /** Those that the node has: `disk`, for example, only beside a SQLite file. */
  components: Partial<Record<ComponentName, ComponentHealth>>;
  canary: CanaryHealth;
  /** Those since its process began, the newest first, 50 at most. */
  incidents: Incident[];
}

/** The health of the node that was asked, and of the others that answered. */
export interface SystemHealth extends NodeHealth {
  other_nodes: NodeHealth[];
  /** The incidents of all nodes, also of processes that have ended; the newest first, 100 at most and those that go on. */
  history: NodeIncident[];
}

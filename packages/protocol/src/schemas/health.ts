import Type, { type TSchema } from 'typebox';
import type * as health from '../wire/health.ts';

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Instant = Type.String({ description: 'ISO 8601, UTC' });
const milliseconds = (description: string) => nullable(Type.Number({ minimum: 0, description }));
const Reasons = Type.Array(Type.String({ description: 'A sentence that says what to do' }));

export const HealthState = Type.Enum(['ok', 'degraded', 'down']);
export type HealthState = health.HealthState;

export const ComponentHealth = Type.Object({
  state: HealthState,
  since: Instant,
  reasons: Reasons,
  latency_ms: milliseconds('The time of its last answer; null where it has none'),
});
export type ComponentHealth = health.ComponentHealth;

const component = Type.Optional(ComponentHealth);

/** Those that the node has. */
const Components = Type.Object({
  ...{ store: component, broker: component, canary: component, runner: component, outbound: component },
  ...{ sessions: component, event_loop: component, memory: component, disk: component, clock: component },
});

export const Incident = Type.Object({
  id: Type.String(),
  component: Type.Enum([
    ...['store', 'broker', 'canary', 'runner', 'outbound', 'sessions', 'event_loop', 'memory', 'disk', 'clock'],
  ] as health.ComponentName[]),
  state: Type.Enum(['degraded', 'down'], { description: 'The worst that it was' }),
  started_at: Instant,
  ended_at: nullable(Type.String({ description: 'Null while it goes on' })),
  ended_by: nullable(
    Type.Enum(['recovery', 'restart'], {
      description: 'Recovery: it was well again. Restart: its node was stopped or lost before. Null while it goes on',
    }),
  ),
  reasons: Reasons,
});
export type Incident = health.Incident;

const NodeIncident = Type.Object({
  ...Incident.properties,
  node: Type.String({ description: 'The node that had it' }),
});

export const CanaryHealth = Type.Object({
  running: Type.Boolean({ description: 'False where it is turned off, or nothing is served yet' }),
  connects: Type.Enum(['none', 'loopback', 'in_process'], {
    description: 'None before the first; else to the port that is served, or inside the process',
  }),
  sent_at: nullable(Type.String({ description: 'When the last one was sent; ISO 8601, UTC' })),
  commit_ms: milliseconds('From then until it was committed'),
  hub_ms: milliseconds('From then until the hub had released it'),
  websocket_ms: milliseconds('From then until a connection of this transport had it; null: it has not come'),
  sse_ms: milliseconds('The same'),
  long_poll_ms: milliseconds('The same'),
});
export type CanaryHealth = health.CanaryHealth;

export const NodeHealth = Type.Object({
  node: Type.String({ description: 'Another name for each start of a process' }),
  status: HealthState,
  at: Instant,
  components: Components,
  canary: CanaryHealth,
  incidents: Type.Array(Incident, { description: 'Those since its process began, the newest first, 50 at most' }),
});
export type NodeHealth = health.NodeHealth;

/** The health of the node that was asked, and of the others that answered. */
export const SystemHealth = Type.Object({
  ...NodeHealth.properties,
  other_nodes: Type.Array(NodeHealth, { description: 'The others that answered' }),
  history: Type.Array(NodeIncident, {
    description:
      'The incidents of all nodes, also of processes that have ended; newest first, 100 at most and those that go on',
  }),
});
export type SystemHealth = health.SystemHealth;

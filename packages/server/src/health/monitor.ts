import type { CanaryHealth, ComponentHealth, ComponentName, HealthState, NodeHealth } from '@tidings/protocol';
import { inTime } from '../domain/in-time.ts';
import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { Damper } from './damper.ts';
import { defaultHold, type Finding, type Probe, worst } from './finding.ts';
import { type IncidentChange, Incidents } from './incidents.ts';

/** Time limit of one probe, ms. */
const limitMs = 2_000;
/** Components without which nothing is stored or delivered. Of any other that is down the node is degraded. */
const vital: readonly ComponentName[] = ['store', 'canary'];

export interface MonitorParts {
  /** This node's name. */
  node: string;
  clock: Clock;
  telemetry: Telemetry;
}

interface Watched {
  probe: Probe;
  damper: Damper;
  health: ComponentHealth;
  /** A probe that has not answered yet. */
  underWay: Promise<void> | null;
}

/** Probes the components of this node, and keeps how they are and were. */
export class HealthMonitor {
  readonly #parts: MonitorParts;
  readonly #watched: readonly Watched[];
  readonly #incidents: Incidents;
  readonly #listeners: ((change: IncidentChange) => void)[] = [];
  readonly #canary: () => CanaryHealth;

  constructor(probes: readonly Probe[], canary: () => CanaryHealth, parts: MonitorParts) {
    this.#parts = parts;
    this.#canary = canary;
    this.#incidents = new Incidents(parts.node, parts.clock);
    const since = new Date(parts.clock.now()).toISOString();
    this.#watched = probes.map((probe) => ({
      ...{ probe, damper: new Damper(probe.hold ?? defaultHold), underWay: null },
      health: { state: 'ok', since, reasons: [], latency_ms: null },
    }));
  }

  /** `down` if a vital component is, `degraded` if any component is not ok. */
  get status(): HealthState {
    return worst(
      this.#watched.map(({ probe: { component }, health: { state } }) =>
        state === 'down' && !vital.includes(component) ? 'degraded' : state,
      ),
    );
  }

  /** The state of a component; `ok` for one that this node does not have. */
  of(component: ComponentName): Readonly<Pick<ComponentHealth, 'state' | 'reasons'>> {
    const found = this.#watched.find(({ probe }) => probe.component === component);
    return found?.health ?? { state: 'ok', reasons: [] };
  }

  /** The time for which an incident of this node lasted, or has lasted until now, ms: a clock that is set does not change it. */
  lasted(id: string): number {
    return this.#incidents.lasted(id);
  }

  /** Ends the incidents that go on: the process ends. */
  end(): void {
    for (const change of this.#incidents.end()) this.#emit(change);
  }

  /** Calls back when an incident begins, changes or ends. */
  onChange(listener: (change: IncidentChange) => void): void {
    this.#listeners.push(listener);
  }

  view(): NodeHealth {
    const components = this.#watched.map(({ probe, health }) => [probe.component, { ...health }] as const);
    return {
      ...{ node: this.#parts.node, status: this.status, at: new Date(this.#parts.clock.now()).toISOString() },
      components: Object.fromEntries(components),
      canary: this.#canary(),
      incidents: this.#incidents.list.map((incident) => ({ ...incident })),
    };
  }

  /** Probes every component once; resolves when each has answered or is late. Once a second. */
  async probe(): Promise<void> {
    await Promise.all(this.#watched.map((watched) => this.#probe(watched)));
  }

  async #probe(watched: Watched): Promise<void> {
    if (watched.underWay === null) {
      const running = this.#run(watched.probe).then((finding) => {
        watched.underWay = null;
        this.#take(watched, finding);
      });
      watched.underWay = running;
    }
    await inTime(this.#parts.clock, limitMs, watched.underWay, () =>
      this.#take(watched, unanswered(watched.probe.component)),
    );
  }

  async #run(probe: Probe): Promise<Finding> {
    try {
      return await probe.run();
    } catch (error) {
      const reason = `it could not be looked at: ${(error as Error).message}`;
      return { state: 'degraded', reasons: [reason], latencyMs: null };
    }
  }

  #take({ probe: { component }, damper, health }: Watched, { state: found, reasons, latencyMs }: Finding): void {
    const before = health.state;
    health.state = damper.take(found);
    health.latency_ms = latencyMs === null ? null : Math.round(latencyMs * 10) / 10;
    if (health.state !== before) health.since = new Date(this.#parts.clock.now()).toISOString();
    if (health.state === 'ok') health.reasons = [];
    else if (reasons.length > 0) health.reasons = [...reasons];
    const change = this.#incidents.note(component, health.state, health.reasons);
    if (change !== null) this.#emit(change);
  }

  #emit(change: IncidentChange): void {
    this.#parts.telemetry.emit(eventOf(change));
    for (const listener of this.#listeners) listener(change);
  }
}

const unanswered = (component: ComponentName): Finding => ({
  state: 'degraded',
  reasons: [`${component} has not answered its probe for ${limitMs / 1_000} s`],
  latencyMs: null,
});

function eventOf({ what, incident: { id, component, state, reasons, ...rest } }: IncidentChange) {
  const incident = { incident: id, component, since: rest.started_at } as const;
  if (what === 'closed')
    return {
      type: 'incident_closed',
      ...incident,
      until: rest.ended_at ?? '',
      by: rest.ended_by ?? 'recovery',
    } as const;
  return { type: `incident_${what}`, ...incident, state, reasons } as const;
}

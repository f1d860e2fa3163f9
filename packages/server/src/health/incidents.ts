import type { ComponentName, HealthState, Incident, IncidentEnd } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import { isWorse } from './finding.ts';

/** The most incidents that are kept; those that go on are kept besides. */
const kept = 50;
/** The most reasons of one incident: the first ones. */
const keptReasons = 5;

/** The change of an incident, with how it is from then on. */
export interface IncidentChange {
  what: 'opened' | 'changed' | 'closed';
  incident: Readonly<Incident>;
}

/** An incident that goes on. */
interface OpenIncident {
  incident: Incident;
  /** By `Clock.monotonic`. */
  begunAt: number;
}

/** The incidents of this node, newest first: one from the moment at which a component is not ok until it is again. */
export class Incidents {
  readonly #node: string;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #open = new Map<ComponentName, OpenIncident>();
  #all: Incident[] = [];
  #count = 0;

  /** @param node names the node in the ids of incidents */
  constructor(node: string, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#node = node;
    this.#clock = clock;
  }

  get list(): readonly Readonly<Incident>[] {
    return this.#all;
  }

  /** Notes how a component is. @returns what became of its incident; null if nothing did */
  note(component: ComponentName, state: HealthState, reasons: readonly string[]): IncidentChange | null {
    const open = this.#open.get(component);
    if (state === 'ok') return open ? this.#close(open, 'recovery') : null;
    if (!open) return this.#begin(component, state, reasons);
    const { incident } = open;
    if (!isWorse(state, incident.state)) return null;
    incident.state = state;
    incident.reasons = [...new Set([...incident.reasons, ...reasons])].slice(0, keptReasons);
    return { what: 'changed', incident: { ...incident } };
  }

  /** Ends those that go on, as the process does. */
  end(): IncidentChange[] {
    return [...this.#open.values()].map((open) => this.#close(open, 'restart'));
  }

  /** The time for which an incident lasted, or has lasted until now, ms; 0 for one that is not kept any more. */
  lasted(id: string): number {
    const found = this.#all.find((one) => one.id === id);
    if (!found) return 0;
    const open = this.#open.get(found.component);
    if (open?.incident === found) return this.#clock.monotonic() - open.begunAt;
    return Date.parse(found.ended_at as string) - Date.parse(found.started_at);
  }

  #begin(component: ComponentName, state: Incident['state'], reasons: readonly string[]): IncidentChange {
    const started_at = new Date(this.#clock.now()).toISOString();
    const incident: Incident = {
      ...{ id: `${this.#node}-${++this.#count}`, component, state, started_at, ended_at: null, ended_by: null },
      reasons: reasons.slice(0, keptReasons),
    };
    this.#open.set(component, { incident, begunAt: this.#clock.monotonic() });
    this.#all = [incident, ...this.#all];
    // Of each component one goes on at most, so that few are left out of the count.
    this.#all = this.#all.filter((one, place) => place < kept || one.ended_at === null);
    return { what: 'opened', incident: { ...incident } };
  }

  /** The end is as long after the beginning as it lasted, whatever the clock was set to meanwhile. */
  #close({ incident, begunAt }: OpenIncident, by: IncidentEnd): IncidentChange {
    const lasted = Math.round(this.#clock.monotonic() - begunAt);
    incident.ended_at = new Date(Date.parse(incident.started_at) + lasted).toISOString();
    incident.ended_by = by;
    this.#open.delete(incident.component);
    return { what: 'closed', incident: { ...incident } };
  }
}

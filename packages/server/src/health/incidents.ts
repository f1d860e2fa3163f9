import type { ComponentName, HealthState, Incident } from '@tidings/protocol';
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

/** The incidents of this node, newest first: one from the moment at which a component is not ok until it is again. */
export class Incidents {
  readonly #node: string;
  readonly #open = new Map<ComponentName, Incident>();
  #all: Incident[] = [];
  #count = 0;

  /** @param node names the node in the ids of incidents */
  constructor(node: string) {
    this.#node = node;
  }

  get list(): readonly Readonly<Incident>[] {
    return this.#all;
  }

  /** Notes how a component is. @returns what became of its incident; null if nothing did */
  note(component: ComponentName, state: HealthState, reasons: readonly string[], now: number): IncidentChange | null {
    const at = new Date(now).toISOString();
    const open = this.#open.get(component);
    if (state === 'ok') return open ? this.#close(component, open, at) : null;
    if (!open) return this.#begin(component, state, reasons, at);
    if (!isWorse(state, open.state)) return null;
    open.state = state;
    open.reasons = [...new Set([...open.reasons, ...reasons])].slice(0, keptReasons);
    return { what: 'changed', incident: { ...open } };
  }

  #begin(component: ComponentName, state: Incident['state'], reasons: readonly string[], at: string): IncidentChange {
    const incident: Incident = {
      ...{ id: `${this.#node}-${++this.#count}`, component, state, started_at: at, ended_at: null },
      reasons: reasons.slice(0, keptReasons),
    };
    this.#open.set(component, incident);
    this.#all = [incident, ...this.#all];
    // Of each component one goes on at most, so that few are left out of the count.
    this.#all = this.#all.filter((one, place) => place < kept || one.ended_at === null);
    return { what: 'opened', incident: { ...incident } };
  }

  #close(component: ComponentName, open: Incident, at: string): IncidentChange {
    open.ended_at = at;
    this.#open.delete(component);
    return { what: 'closed', incident: { ...open } };
  }
}

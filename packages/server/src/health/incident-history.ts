import type { NodeIncident } from '@tidings/protocol';
import type { IncidentStore, StoredIncident } from '../domain/store/health.ts';
import type { NodeDirectory } from '../presence/node-directory.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { HealthMonitor } from './monitor.ts';

/** The most incidents that are shown, and that are stored, besides those that go on. */
export const shownIncidents = 100;
const storedIncidents = 500;
/** Steps, of a second each, from one reading to the next, and from one writing of what goes on to the next. */
const stepsOfRound = 5;
/** Readings in a row in which there was no sign of a node, after which its incidents are over. */
const silentReadings = 3;

export interface IncidentHistoryParts {
  store: IncidentStore;
  monitor: Pick<HealthMonitor, 'view' | 'of' | 'lasted' | 'end'>;
  nodes: Pick<NodeDirectory, 'others'>;
  telemetry: Telemetry;
}

/** Signs of life of the node of an incident that goes on: it has written it anew. */
interface LifeSigns {
  seenAt: number;
  /** Readings since the last sign, and whether there was any since the first reading. */
  silent: number;
  hasWritten: boolean;
}

/**
 * Stores the incidents of this node, and reads those of all nodes. What goes on is written again every 5 s: an incident whose node neither does that nor
 * is heard is over, which no clock decides: its process has ended, or is cut off. While the store is down nothing is tried; it is written once it is back.
 */
export class IncidentHistory {
  readonly #node: string;
  readonly #parts: IncidentHistoryParts;
  #stored: readonly StoredIncident[] = [];
  /** By incident of this node, how it was last written. */
  #written = new Map<string, string>();
  /** By incident of another node that goes on. */
  #signs = new Map<string, LifeSigns>();
  readonly #lostListeners: ((incident: NodeIncident) => void)[] = [];
  #step = 0;

  constructor(node: string, parts: IncidentHistoryParts) {
    this.#node = node;
    this.#parts = parts;
  }

  /** The newest that are stored, as they were last read. Those whose process has ended are over. */
  get known(): readonly NodeIncident[] {
    return this.#stored.map(({ seenAt, ...incident }) =>
      incident.ended_at === null && !this.#mayGoOn(incident) ? endedWithNode(incident, seenAt) : incident,
    );
  }

  /** Calls back when this node has ended an incident of another that is lost. */
  onLost(listener: (incident: NodeIncident) => void): void {
    this.#lostListeners.push(listener);
  }

  /** Reads what is stored. */
  async read(): Promise<void> {
    this.#stored = await this.#parts.store.incidents(shownIncidents);
    const open = this.#stored.filter(({ node, ended_at }) => ended_at === null && node !== this.#node);
    this.#signs = new Map(open.map((one) => [one.id, this.#signsOf(one)]));
  }

  /** Once a second: writes what has changed here, and every 5 s what goes on; then reads, and ends what is over with its process. */
  async step(): Promise<void> {
    if (this.#parts.monitor.of('store').state === 'down') return;
    const isRound = this.#step++ % stepsOfRound === 0;
    await this.#write(isRound);
    if (!isRound) return;
    await this.read();
    await this.#endLost();
  }

  /** Ends the incidents of this node by its restart, and stores that if the store is not down. Never rejects. */
  async close(): Promise<void> {
    const { monitor } = this.#parts;
    monitor.end();
    if (monitor.of('store').state === 'down') return;
    // Without it another node ends them.
    await this.#write(false).catch(() => {});
  }

  async #write(isRound: boolean): Promise<void> {
    const { monitor, store } = this.#parts;
    const own = monitor.view().incidents.map((incident) => ({ ...incident, node: this.#node }));
    const texts = new Map(own.map((incident) => [incident.id, JSON.stringify(incident)]));
    const due = own.filter(
      ({ id, ended_at }) => texts.get(id) !== this.#written.get(id) || (isRound && ended_at === null),
    );
    // The oldest first, since their order in the store is that in which they are written.
    const incidents = due.reverse().map((incident) => ({ ...incident, seenAt: this.#seenUntil(incident) }));
    if (incidents.length > 0) await store.putIncidents(incidents, storedIncidents);
    this.#written = texts;
  }

  #seenUntil({ id, started_at }: NodeIncident): number {
    return Date.parse(started_at) + Math.round(this.#parts.monitor.lasted(id));
  }

  #signsOf({ id, node, seenAt }: StoredIncident): LifeSigns {
    const before = this.#signs.get(id);
    const hasWritten = before !== undefined && before.seenAt !== seenAt;
    if (hasWritten) return { seenAt, silent: 0, hasWritten };
    if (this.#parts.nodes.others.includes(node)) return { seenAt, silent: 0, hasWritten: false };
    return { seenAt, silent: (before?.silent ?? -1) + 1, hasWritten: before?.hasWritten ?? false };
  }

  #mayGoOn({ id, node }: NodeIncident): boolean {
    if (node === this.#node || this.#parts.nodes.others.includes(node)) return true;
    const signs = this.#signs.get(id);
    return signs?.hasWritten === true && signs.silent < silentReadings;
  }

  async #endLost(): Promise<void> {
    const { store, telemetry } = this.#parts;
    for (const [id, { seenAt, silent }] of this.#signs) {
      if (silent < silentReadings) continue;
      const { seenAt: _, ...found } = this.#stored.find((one) => one.id === id) as StoredIncident;
      if (!(await store.endIncident(id, seenAt))) continue;
      const ended = endedWithNode(found, seenAt);
      const { component, started_at: since, ended_at: until } = ended;
      telemetry.emit({ type: 'incident_closed', incident: id, component, since, until, by: 'node_lost' });
      for (const listener of this.#lostListeners) listener(ended);
    }
  }
}

/**
 * An incident that went on when its node was last heard of: until then at least. Its process has ended, or is cut off from the database
 * and from this node: `restart` stands for both.
 */
function endedWithNode(incident: NodeIncident, seenAt: number) {
  return { ...incident, ended_at: new Date(seenAt).toISOString(), ended_by: 'restart' as const };
}

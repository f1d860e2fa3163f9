import type { Incident, NodeHealth, NodeIncident, SystemHealth } from '@tidings/protocol';
import { type NodeQuestionParts, NodeQuestions, type Rounds } from '../presence/node-questions.ts';
import { type IncidentHistory, shownIncidents } from './incident-history.ts';
import type { HealthMonitor } from './monitor.ts';

/** A view waits for no other node longer than 2 s. */
const rounds: Rounds = { roundMs: 1_000, count: 2 };
/** Says that a node's health has changed. */
const channel = 'health';

/** A part of a node's answer: a message between nodes is short, and many incidents do not fit into one. */
type Part = { node: string } & (
  | { health: Omit<NodeHealth, 'incidents'>; incident?: never }
  | { incident: Incident; health?: never }
);

/** The health of this node and of all others. */
export class ClusterHealth {
  readonly #monitor: HealthMonitor;
  readonly #history: Pick<IncidentHistory, 'known'>;
  readonly #question: NodeQuestions<null, Part>;
  readonly #self: string;
  readonly #unsubscribe: () => void;
  readonly #listeners: (() => void)[] = [];
  /** The others, as they last answered. */
  #others: NodeHealth[] = [];

  constructor(monitor: HealthMonitor, history: Pick<IncidentHistory, 'known'>, parts: NodeQuestionParts) {
    this.#monitor = monitor;
    this.#history = history;
    this.#self = parts.nodes.self;
    this.#question = new NodeQuestions('health', parts, async () => partsOf(monitor.view()));
    this.#unsubscribe = parts.ephemeral.subscribe(channel, (node) => {
      if (node !== this.#self) for (const listener of this.#listeners) listener();
    });
    monitor.onChange(() => parts.ephemeral.publish(channel, this.#self));
  }

  /** Calls back when the health of another node has changed. */
  onOthersChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** This node's health now, with that of the others as they last answered. */
  get known(): SystemHealth {
    const own = this.#monitor.view();
    return { ...own, other_nodes: this.#others, history: historyOf(this.#history.known, [own, ...this.#others]) };
  }

  /** Asks the others first. Resolves within 2 s, without those that did not answer. */
  async ask(): Promise<SystemHealth> {
    const parts = await this.#question.ask(null, rounds);
    this.#others = gathered(parts.filter(({ node }) => node !== this.#self));
    return this.known;
  }

  close(): void {
    this.#unsubscribe();
    this.#question.close();
  }
}

function partsOf({ incidents, ...health }: NodeHealth): Part[] {
  const { node } = health;
  return [{ node, health }, ...incidents.map((incident) => ({ node, incident }))];
}

function gathered(parts: readonly Part[]): NodeHealth[] {
  const nodes = new Map(
    parts.flatMap(({ node, health }) => (health ? [[node, { ...health, incidents: [] as Incident[] }]] : [])),
  );
  for (const { node, incident } of parts) if (incident) nodes.get(node)?.incidents.push(incident);
  return [...nodes.values()];
}

/** Merges the stored incidents with those that living nodes name themselves: these know what is not stored yet. */
function historyOf(stored: readonly NodeIncident[], nodes: readonly NodeHealth[]): NodeIncident[] {
  const found = new Map(stored.map((one) => [one.id, one]));
  for (const { node, incidents } of nodes) {
    for (const incident of incidents) found.set(incident.id, { ...incident, node });
  }
  return [...found.values()]
    .sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1))
    .filter(({ ended_at }, place) => place < shownIncidents || ended_at === null);
}

/** Sorted by it, incidents are in the same order on each node. */
const startOf = ({ started_at, id }: NodeIncident): string => `${started_at} ${id}`;

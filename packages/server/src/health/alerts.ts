import { type NodeIncident, type NotificationEdit, type NotifyInput, TidingsError } from '@tidings/protocol';
import type { HealthMonitor } from './monitor.ts';

/** Time for which an incident lasts before administrators are notified, ms. */
const lastsMs = 30_000;
/** Times between two writings of an incident that goes on, and between two steps of the alerts, ms. */
const writingMs = 5_000;
const steppingMs = 5_000;
/** Time for which an incident of a node that is gone is known to have lasted, where its node may have notified of it, ms. */
const maybeToldMs = lastsMs - writingMs - steppingMs;

/** Sends notifications, and edits them. */
interface AlertSender {
  notify(input: NotifyInput): Promise<{ id: string }>;
  edit(id: string, change: NotificationEdit): Promise<unknown>;
}

export interface HealthAlertParts {
  node: string;
  adminRole: string;
  send: AlertSender;
}

/** The notification of one incident. */
interface Alert {
  id: string;
  /** The state of the incident that it tells. */
  told: string;
}

/**
 * Notifies administrators of incidents that last: one notification for each, which is edited as the incident changes and when it ends. One that
 * nobody has read is replaced by the next incident of the component. While the store is down nothing is tried, and is told when it is back.
 * An incident of a node that was killed is told to be over by a node that lives, or by the next process.
 */
export class HealthAlerts {
  readonly #monitor: Pick<HealthMonitor, 'view' | 'of' | 'lasted'>;
  readonly #parts: HealthAlertParts;
  /** Those of nodes that are gone, which are yet to be told. */
  #lost: NodeIncident[] = [];
  /** By incident. */
  readonly #alerts = new Map<string, Alert>();

  constructor(monitor: Pick<HealthMonitor, 'view' | 'of' | 'lasted'>, parts: HealthAlertParts) {
    this.#monitor = monitor;
    this.#parts = parts;
  }

  /** Every few seconds: tells what is new. Rejects if it could not be stored, and tells it at the next step. */
  async step(): Promise<void> {
    if (this.#monitor.of('store').state === 'down') return;
    const { node } = this.#parts;
    const incidents = this.#monitor.view().incidents.map((incident) => ({ ...incident, node }));
    const known = new Set(incidents.map(({ id }) => id));
    for (const id of this.#alerts.keys()) if (!known.has(id)) this.#alerts.delete(id);
    for (const incident of incidents.toReversed()) await this.#tell(incident);
    for (let lost = this.#lost[0]; lost; lost = this.#lost[0]) {
      await this.#parts.send.notify(this.#notification(lost, 'its node was lost'));
      this.#lost = this.#lost.slice(1);
    }
  }

  /** Takes an incident of a node that is gone: the notification that may say that it goes on is replaced at the next step. */
  lost(incident: NodeIncident): void {
    const { started_at, ended_at } = incident;
    if (Date.parse(ended_at ?? started_at) - Date.parse(started_at) >= maybeToldMs) this.#lost.push(incident);
  }

  async #tell(incident: NodeIncident): Promise<void> {
    const { send } = this.#parts;
    const told = tellingOf(incident);
    const alert = this.#alerts.get(incident.id);
    if (alert?.told === told) return;
    if (alert) {
      await send.edit(alert.id, textOf(incident)).catch(unlessGone);
      alert.told = told;
    } else if (this.#monitor.lasted(incident.id) >= lastsMs) {
      const { id } = await send.notify(this.#notification(incident));
      this.#alerts.set(incident.id, { id, told });
    }
  }

  /** Attempts of which the answer was lost have one key, and so store one notification. */
  #notification(incident: NodeIncident, restart?: string): NotifyInput {
    const { id, node, component } = incident;
    return {
      ...{ to: { role: this.#parts.adminRole }, type: 'user_notification', category: 'system_health' },
      ...{ idempotency_key: `health ${id} ${tellingOf(incident)}`, collapse_key: `health ${node} ${component}` },
      ...textOf(incident, restart),
    };
  }
}

/** The state of an incident that a notification tells. */
const tellingOf = ({ state, ended_at }: NodeIncident): string => `${state} ${ended_at}`;

/** Passes over that a notification was retracted, or is too old. */
function unlessGone(error: unknown): void {
  if (!(error instanceof TidingsError) || error.retryable) throw error;
}

/**
 * The text and colour of an incident as it is now.
 * @param restart what has ended it, where it was not that the component is well again
 */
function textOf(
  { node, component, state, ended_at, ended_by, started_at, reasons }: NodeIncident,
  restart = 'it was restarted',
) {
  const name = `The ${component.replaceAll('_', ' ')} of node ${node}`;
  const message = [...reasons, ended_at === null ? `Since ${started_at}.` : `From ${started_at} to ${ended_at}.`].join(
    '\n',
  );
  if (ended_by === 'recovery')
    return { title: `${name} is well again`, message, notification_type: 'success' } as const;
  if (ended_by === 'restart') {
    return { title: `${name} was ${state} until ${restart}`, message, notification_type: 'info' } as const;
  }
  const notification_type = state === 'down' ? 'error' : 'warning';
  return { title: `${name} is ${state}`, message, notification_type } as const;
}

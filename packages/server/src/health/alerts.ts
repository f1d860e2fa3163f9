import { type Incident, type NotificationEdit, type NotifyInput, TidingsError } from '@tidings/protocol';
import type { HealthMonitor } from './monitor.ts';

/** Time for which an incident lasts before administrators are notified, ms. */
const lastsMs = 30_000;

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
 */
export class HealthAlerts {
  readonly #monitor: Pick<HealthMonitor, 'view' | 'of' | 'lasted'>;
  readonly #parts: HealthAlertParts;
  /** By incident. */
  readonly #alerts = new Map<string, Alert>();

  constructor(monitor: Pick<HealthMonitor, 'view' | 'of' | 'lasted'>, parts: HealthAlertParts) {
    this.#monitor = monitor;
    this.#parts = parts;
  }

  /** Every few seconds: tells what is new. Rejects if it could not be stored, and tells it at the next step. */
  async step(): Promise<void> {
    if (this.#monitor.of('store').state === 'down') return;
    const { incidents } = this.#monitor.view();
    const known = new Set(incidents.map(({ id }) => id));
    for (const id of this.#alerts.keys()) if (!known.has(id)) this.#alerts.delete(id);
    for (const incident of incidents.toReversed()) await this.#tell(incident);
  }

  async #tell(incident: Incident): Promise<void> {
    const { send, node } = this.#parts;
    const told = `${incident.state} ${incident.ended_at}`;
    const alert = this.#alerts.get(incident.id);
    if (alert?.told === told) return;
    if (alert) {
      await send.edit(alert.id, textOf(incident, node)).catch(unlessGone);
      alert.told = told;
    } else if (this.#monitor.lasted(incident.id) >= lastsMs) {
      const { id } = await send.notify(this.#notification(incident, told));
      this.#alerts.set(incident.id, { id, told });
    }
  }

  /** Attempts of which the answer was lost have one key, and so store one notification. */
  #notification(incident: Incident, told: string): NotifyInput {
    const { adminRole, node } = this.#parts;
    return {
      ...{ to: { role: adminRole }, type: 'user_notification', category: 'system_health' },
      ...{ idempotency_key: `health ${incident.id} ${told}`, collapse_key: `health ${node} ${incident.component}` },
      ...textOf(incident, node),
    };
  }
}

/** Passes over that a notification was retracted, or is too old. */
function unlessGone(error: unknown): void {
  if (!(error instanceof TidingsError) || error.retryable) throw error;
}

/** The text and colour of an incident as it is now. */
function textOf({ component, state, ended_at, started_at, reasons }: Incident, node: string) {
  const name = component.replaceAll('_', ' ');
  const type = state === 'down' ? 'error' : 'warning';
  return {
    title: ended_at === null ? `The ${name} of node ${node} is ${state}` : `The ${name} of node ${node} is well again`,
    message: [...reasons, ended_at === null ? `Since ${started_at}.` : `From ${started_at} to ${ended_at}.`].join('\n'),
    notification_type: ended_at === null ? type : 'success',
  } as const;
}

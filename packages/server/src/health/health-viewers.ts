import { CloseCode } from '@tidings/protocol';
import { isAdmin } from '../domain/identity.ts';
import type { Clock } from '../domain/ports.ts';
import type { RoleDirectory } from '../identity/role-directory.ts';
import type { Session } from '../session/session.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { HealthMonitor } from './monitor.ts';

/** Time from one frame to the next where nothing changes, ms, so that latencies live. */
const everyMs = 5_000;

export interface HealthViewersParts {
  monitor: HealthMonitor;
  cluster: ClusterHealth;
  roles: Pick<RoleDirectory, 'accept'>;
  adminRole: string;
  clock: Pick<Clock, 'monotonic'>;
  telemetry: Telemetry;
}

/** The sessions that show the system's health. Each is sent it at its begin, at each change, and every few seconds. */
export class HealthViewers {
  readonly #parts: HealthViewersParts;
  readonly #sessions = new Set<Session>();
  /** When all were last sent a frame, by `Clock.monotonic`. */
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(parts: HealthViewersParts) {
    this.#parts = parts;
    parts.monitor.onChange(() => this.#sendAll());
    parts.cluster.onOthersChanged(() => void this.#refresh());
  }

  /** Adds a session, and sends it what there is, with what the other nodes answer. */
  async add(session: Session): Promise<void> {
    this.#sessions.add(session);
    await this.#parts.cluster.ask();
    if (session.isOpen) session.send(this.#frame());
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
  }

  /** Once a second: closes the sessions of those who are no administrators any more, and sends the others a frame if one is due. */
  async sweep(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await Promise.all([...this.#sessions].map((session) => this.#checkRights(session)));
    if (this.#parts.clock.monotonic() - this.#sentAt >= everyMs) await this.#refresh();
  }

  /** The roles that hold are those of the newest evidence, on whatever node it came. */
  async #checkRights(session: Session): Promise<void> {
    const { roles, adminRole, telemetry } = this.#parts;
    try {
      const { roles: held } = await roles.accept({ ...session.identity, isEvidence: false });
      session.viewer.setRoles(held);
    } catch (error) {
      // They cannot be read now: those that held last do so until they can.
      telemetry.emit({ type: 'failure', where: 'health', error: error as Error });
    }
    if (!isAdmin(session.identity, adminRole)) session.close(CloseCode.forbidden, `the role "${adminRole}" has ended`);
  }

  /** Asks the other nodes, and sends what there is then. */
  async #refresh(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await this.#parts.cluster.ask();
    this.#sendAll();
  }

  #sendAll(): void {
    this.#sentAt = this.#parts.clock.monotonic();
    if (this.#sessions.size === 0) return;
    const frame = this.#frame();
    for (const session of this.#sessions) if (session.isOpen) session.send(frame);
  }

  #frame(): object {
    return { type: 'system_health', ...this.#parts.cluster.known };
  }
}

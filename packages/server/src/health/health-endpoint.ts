import { TidingsError } from '@tidings/protocol';
import { type Identity, isAdmin } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Connection } from '../session/connection.ts';
import type { Endpoint, Visit } from '../session/endpoint.ts';
import { greetingOf } from '../session/greeting.ts';
import type { Registry } from '../session/registry.ts';
import { Session, type SessionParts } from '../session/session.ts';
import type { View } from '../session/view.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { HealthSocket } from './health-socket.ts';
import type { HealthViewers } from './health-viewers.ts';

/** No records: health is none. */
const view: View = { topics: () => [], isInbox: false, room: null };

export interface HealthEndpointParts extends SessionParts {
  viewers: HealthViewers;
  registry: Registry;
  authenticator: Pick<Authenticator, 'identify'>;
  clock: Clock;
  telemetry: Telemetry;
  /** Counts an action of a user, which brings so many bytes. Throws `too_many` past the user's limit. */
  count(userId: string, bytes: number): void;
}

/** `/ws/system-health/`: shows administrators how the components of all nodes are. */
export class HealthEndpoint implements Endpoint {
  readonly #parts: HealthEndpointParts;

  constructor(parts: HealthEndpointParts) {
    this.#parts = parts;
  }

  match(path: string): boolean {
    return path === '/ws/system-health';
  }

  async authorize(identity: Identity): Promise<TidingsError | null> {
    const { adminRole } = this.#parts;
    if (isAdmin(identity, adminRole)) return null;
    return new TidingsError('forbidden', `the system's health is for users with the role "${adminRole}"`);
  }

  open(connection: Connection, identity: Identity, { info }: Visit): HealthSocket {
    const { viewers, registry, counters, clock, telemetry, authenticator, count } = this.#parts;
    const session = new Session(newId('s', info.at), identity, { connection, info, view }, this.#parts);
    const { id } = identity;
    registry.add(session);
    counters.opened[connection.traits.transport]++;
    session.send(greetingOf(session, { cursor: null, recovered: true, read_upto: 0 }, clock.now()));
    telemetry.emit({ type: 'session_opened', session: session.id, user: id, path: info.path, recovered: true });
    void viewers.add(session);
    return new HealthSocket({
      ...{ session, telemetry, count },
      identify: (token) => authenticator.identify(token, clock.now()),
      closed: (code, reason) => {
        viewers.remove(session);
        session.leave();
        registry.remove(session);
        telemetry.emit({ type: 'session_closed', session: session.id, user: id, code, reason });
      },
    });
  }
}

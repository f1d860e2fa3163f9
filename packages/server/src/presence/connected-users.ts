import type { Connection } from '@tidings/protocol';
import type { ConnectedUsers } from '../commands/context.ts';
import type { Registry } from '../session/registry.ts';
import type { Session } from '../session/session.ts';

/** How long a probed connection may take to answer, ms. */
const patience = 2_000;

/** Who is connected to this process. */
export class RegistryUsers implements ConnectedUsers {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  users(): { user_id: string; username: string; connections: number }[] {
    return this.ids().map((user_id) => {
      const sessions = this.#registry.ofUser(user_id);
      return { user_id, username: sessions[0]?.identity.username ?? user_id, connections: sessions.length };
    });
  }

  ids(): string[] {
    return this.#registry.users();
  }

  connections(userId: string, probe: boolean): Promise<Connection[]> {
    return Promise.all(this.#registry.ofUser(userId).map((session) => viewOf(session, probe)));
  }
}

async function viewOf(session: Session, probe: boolean): Promise<Connection> {
  const { path, address, userAgent, at } = session.arrival;
  const round_trip_ms = probe ? await roundTrip(session) : null;
  const connected_at = new Date(at).toISOString();
  return { session_id: session.id, path, address, user_agent: userAgent, connected_at, round_trip_ms };
}

function roundTrip(session: Session): Promise<number | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), patience);
    session.probe((ms) => {
      clearTimeout(timer);
      resolve(Math.round(ms * 100) / 100);
    });
  });
}

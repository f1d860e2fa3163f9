import type { Connection } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import type { Registry } from '../session/registry.ts';
import type { Session } from '../session/session.ts';

/** Time limit of a probed connection's answer, ms. */
const probeTimeout = 2_000;

/** One user's connections to this process; with `probe` each is asked for a sign of life. */
export const localConnections = (
  { registry, clock }: { registry: Registry; clock: Clock },
  userId: string,
  probe: boolean,
): Promise<Connection[]> => Promise.all(registry.ofUser(userId).map((session) => viewOf(session, probe, clock)));

async function viewOf(session: Session, probe: boolean, clock: Clock): Promise<Connection> {
  const { path, address, userAgent, at } = session.info;
  const round_trip_ms = probe && session.answersProbes ? await roundTrip(session, clock) : null;
  const connected_at = new Date(at).toISOString();
  return { session_id: session.id, path, address, user_agent: userAgent, connected_at, round_trip_ms };
}

function roundTrip(session: Session, clock: Clock): Promise<number | null> {
  return new Promise((resolve) => {
    const stopWaiting = clock.after(probeTimeout, () => resolve(null));
    session.probe((ms) => {
      stopWaiting();
      resolve(Math.round(ms * 100) / 100);
    });
  });
}

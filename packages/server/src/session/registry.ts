import { CloseCode, type ConnectedUser } from '@tidings/protocol';
import { KeyCounter } from '../domain/key-counter.ts';
import { networkOf } from '../domain/network.ts';
import type { Clock } from '../domain/ports.ts';
import type { DeliveredMarks } from '../domain/store/catch-up.ts';
import type { Counters, Transport } from '../telemetry/counters.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { type Close, closeWithRetry } from './close.ts';
import type { Session } from './session.ts';

export interface RegistryOptions {
  /** Time between two pings of a session. */
  pingIntervalMs: number;
  /** Time after a ping at which a silent peer is given up. */
  pongTimeoutMs: number;
  /** Connections in all. */
  maxConnections: number;
  /** Connections of one user. */
  maxPerUser: number;
  /** Bytes that may wait for the slow connections of one user, all together. */
  waitingBytesPerUser: number;
  /** Connections of one address: many users may share a proxy's. */
  maxPerAddress: number;
}

export interface RegistryParts {
  store: DeliveredMarks;
  clock: Clock;
  telemetry: Telemetry;
  counters: Counters;
}

/** Time for which the user of a poll that was answered counts as connected, ms: its client is about to ask again. */
const longestBetweenPolls = 5_000;

/** The sessions of a moment. */
export interface Census {
  sessions: Record<Transport, number>;
  /** Live frames that wait for a slow reader, or until something was read. */
  waitingFrames: number;
}

/** All sessions and connections of this process: their numbers, their signs of life, and their end. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #parts: RegistryParts;
  readonly #sessions = new Set<Session>();
  readonly #byUser = new Map<string, Set<Session>>();
  readonly #byAddress = new KeyCounter();
  /** The number of connections that are not identified yet. */
  #unknown = 0;
  /** Users whose poll was answered, until their client has asked again or had the time to. */
  readonly #betweenPolls = new Map<string, { username: string; since: number }>();
  /** The time over which clients come back, ms, once the server ends; null before. */
  #restartSpread: number | null = null;
  /** True once all sessions were given up: the store is about to be closed. */
  #isOver = false;

  constructor(options: RegistryOptions, parts: RegistryParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The number of sessions for which frames wait, since their clients do not keep up. */
  get slow(): number {
    let count = 0;
    for (const { output } of this.#sessions) if (output.waitingBytes > 0) count++;
    return count;
  }

  all(): Iterable<Session> {
    return this.#sessions;
  }

  ofUser(userId: string): readonly Session[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /** The number of topics that the sessions of a user follow, all together. */
  topicsOf(userId: string): number {
    let count = 0;
    for (const { feed } of this.#byUser.get(userId) ?? []) count += feed.topics.length;
    return count;
  }

  /** Closes sessions of a user for whom too much waits, those first for which most does. */
  limitWaitingBytes(userId: string): void {
    const sessions = this.#byUser.get(userId);
    if (!sessions || sessions.size < 2) return;
    let sum = 0;
    for (const { output } of sessions) sum += output.waitingBytes;
    while (sum > this.#options.waitingBytesPerUser) {
      const slowest = [...sessions].reduce((a, b) => (b.output.waitingBytes > a.output.waitingBytes ? b : a));
      sum -= slowest.output.waitingBytes;
      slowest.closeSlow('outboxBytesPerUser');
    }
  }

  find(sessionId: string): Session | undefined {
    for (const session of this.#sessions) if (session.id === sessionId) return session;
    return undefined;
  }

  /** The users who are connected. Between two polls a user has one connection. */
  users(): ConnectedUser[] {
    const polling = [...this.#betweenPolls].map(([user_id, { username }]) => ({ user_id, username, connections: 1 }));
    const connected = [...this.#byUser].map(([user_id, sessions]) => {
      const [first] = sessions;
      return { user_id, username: first?.identity.username ?? user_id, connections: sessions.size };
    });
    return [...connected, ...polling];
  }

  /** Counts sessions by transport, and the live frames that wait in them. */
  census(): Census {
    const census: Census = { sessions: { websocket: 0, sse: 0, long_poll: 0 }, waitingFrames: 0 };
    for (const session of this.#sessions) {
      census.sessions[session.transport]++;
      census.waitingFrames += session.liveFrames;
    }
    return census;
  }

  /** The reason to refuse one more connection of a user, or (null) of a request that is not identified yet; null if there is none. */
  refusal(userId: string | null, address: string): Close | null {
    if (this.#restartSpread !== null) return restarting(this.#restartSpread);
    const { maxConnections, maxPerUser, maxPerAddress } = this.#options;
    const { refused } = this.#parts.counters;
    if (this.#sessions.size + this.#unknown >= maxConnections) {
      refused.maxConnections++;
      return { code: CloseCode.overloaded, reason: `this server has ${maxConnections} connections; try again later` };
    }
    if (userId !== null && (this.#byUser.get(userId)?.size ?? 0) >= maxPerUser) {
      refused.maxConnectionsPerUser++;
      return {
        code: CloseCode.tooManyConnections,
        reason: `this user has ${maxPerUser} connections already; close one`,
      };
    }
    if (this.#byAddress.of(networkOf(address)) >= maxPerAddress) {
      refused.maxConnectionsPerAddress++;
      return { code: CloseCode.tooManyConnections, reason: `this address has ${maxPerAddress} connections already` };
    }
    return null;
  }

  add(session: Session): void {
    this.#sessions.add(session);
    const { id } = session.identity;
    const set = this.#byUser.get(id);
    if (set) set.add(session);
    else this.#byUser.set(id, new Set([session]));
    this.#betweenPolls.delete(id);
    this.#byAddress.add(networkOf(session.info.address));
  }

  /** Counts a connection that is not identified yet. @returns what ends the counting */
  arrive(address: string): () => void {
    this.#unknown++;
    this.#byAddress.add(networkOf(address));
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#unknown--;
      this.#byAddress.remove(networkOf(address));
    };
  }

  remove(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    const { id } = session.identity;
    const set = this.#byUser.get(id);
    if (set?.delete(session) && set.size === 0) this.#byUser.delete(id);
    this.#byAddress.remove(networkOf(session.info.address));
  }

  /** The poll of a session was answered in full, and the session is removed. */
  noteAnswered({ identity: { id, username } }: Session): void {
    if (!this.#byUser.has(id)) this.#betweenPolls.set(id, { username, since: this.#parts.clock.now() });
  }

  /** Once a second: ends who expired or went silent, pings whose turn it is, and notes what was delivered. */
  sweep(): void {
    const now = this.#parts.clock.now();
    for (const [userId, { since }] of this.#betweenPolls) {
      if (Math.abs(now - since) > longestBetweenPolls) this.#betweenPolls.delete(userId);
    }
    const { pingIntervalMs, pongTimeoutMs } = this.#options;
    const delivered = new Map<string, number>();
    for (const session of this.#sessions) {
      takeDelivered(session, delivered);
      if (session.identity.expiresAt !== null && session.identity.expiresAt <= now) {
        // Its client may come back at once, with a newer token.
        session.end(
          { code: CloseCode.unauthenticated, reason: 'the token has expired; connect with a new one' },
          'cut',
        );
      } else if (session.endsAt <= now) {
        session.close(CloseCode.normal, 'this stream has reached its age; reconnect with the cursor');
      } else if (session.answersProbes && session.heartbeat.isSilent(now, pongTimeoutMs)) session.abandon();
      else if (session.heartbeat.isPingDue(now, session.pingInterval ?? pingIntervalMs)) session.ping(now);
    }
    this.#markDelivered(delivered);
  }

  /** Notes what was delivered to a session that ends. */
  noteDelivered(session: Session): void {
    const delivered = new Map<string, number>();
    takeDelivered(session, delivered);
    this.#markDelivered(delivered);
  }

  #markDelivered(delivered: ReadonlyMap<string, number>): void {
    if (delivered.size === 0 || this.#isOver) return;
    const { store, telemetry } = this.#parts;
    store.markDelivered(delivered).catch((error) => telemetry.emit({ type: 'failure', where: 'sessions', error }));
  }

  /** Ends what has not said goodbye by now, once and for all. Connections tell that they are closed when the store is closed too. */
  abandonAll(): void {
    const delivered = new Map<string, number>();
    for (const session of this.#sessions) {
      takeDelivered(session, delivered);
      session.abandon();
    }
    this.#markDelivered(delivered);
    this.#isOver = true;
  }

  /** Tells everybody to come back, and those too who come from now on. @param spread the time over which they do, ms */
  closeAll(spread: number): void {
    this.#restartSpread = spread;
    for (const session of this.#sessions) session.end(restarting(spread));
  }
}

/** @param spread the time over which clients come back, ms */
const restarting = (spread: number): Close => closeWithRetry(CloseCode.restarting, Math.round(Math.random() * spread));

function takeDelivered(session: Session, into: Map<string, number>): void {
  const rev = session.takeDelivered();
  if (rev > 0) into.set(session.identity.id, Math.max(rev, into.get(session.identity.id) ?? 0));
}

import type { FrameOf, SystemHealth } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { Connection } from '../connection.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import type { ClientReason, ClientState } from '../state.ts';
import { healthTransport } from './health-transport.ts';

/** A new object whenever something changed; the same one until then. */
export interface HealthSnapshot {
  /**
   * - `waiting`: nothing is known yet
   * - `live`: as it is now
   * - `lost`: the connection is away, so that `health` is of `receivedAt`; it is tried again while the client is connected or tries to be
   * - `refused`: the user may not see it, or there is no user; `retry()` asks again
   */
  status: 'waiting' | 'live' | 'lost' | 'refused';
  /** The newest that came: of the node that this client is connected to, with the others in `other_nodes`. Null before the first. */
  health: SystemHealth | null;
  /** When it came, by this device's clock: milliseconds since 1970. Null before the first. */
  receivedAt: number | null;
  /** Why it is not live; null where it is, and while it is waited for. */
  reason: ClientReason | null;
}

/** The health that a client is shown, on a connection beside the client's own. */
export class HealthStore extends SnapshotStore<HealthSnapshot> {
  readonly #client: TidingsClient;
  #users = 0;
  #connection: Connection | null = null;
  /** The user whose connection it is. */
  #userId: string | undefined;
  #health: SystemHealth | null = null;
  #receivedAt: number | null = null;
  #stopFollowing = () => {};
  #isClientConnected = false;

  constructor(client: TidingsClient) {
    const { settings } = client.parts;
    super(settings, (before) => {
      const now = this.#read();
      const isSame = before && (Object.keys(now) as (keyof HealthSnapshot)[]).every((key) => before[key] === now[key]);
      return isSame ? before : now;
    });
    this.#client = client;
  }

  use(): void {
    if (this.#users++ > 0) return;
    this.#stopFollowing = this.#client.onState((state) => this.#followClient(state));
    this.#followClient(this.#client.state);
  }

  leave(): void {
    if (--this.#users > 0) return;
    this.#stopFollowing();
    this.#isClientConnected = false;
    this.#end();
  }

  retry(): void {
    if (this.#connection?.state.status === 'closed') this.#connect();
  }

  /** Connects once the client has, since from then on the user is known, and ends with the client. */
  #followClient({ status, user }: ClientState): void {
    if (this.#userId !== undefined && user?.id !== this.#userId) this.#end();
    if (status === 'closed') this.#connection?.disconnect();
    const isConnected = status === 'connected';
    if (isConnected && !this.#isClientConnected) this.#connect();
    this.#isClientConnected = isConnected;
    this.changed();
  }

  #connect(): void {
    const { settings } = this.#client.parts;
    this.#userId = this.#client.state.user?.id;
    this.#connection ??= this.#open();
    // The state says how it went.
    this.#connection.connect(settings.token).catch(() => {});
  }

  #open(): Connection {
    const { settings } = this.#client.parts;
    const transport = healthTransport(settings, () => this.#client.state.user);
    const connection = new Connection({ ...settings }, transport, {
      query: () => settings.query ?? {},
      receive: (frame) => {
        if (frame.type === 'system_health') this.#take(frame);
      },
      ...{ replaced() {}, begin() {}, start() {}, stop() {}, closed() {} },
    });
    connection.changes.add(() => connection === this.#connection && this.changed());
    return connection;
  }

  #take({ type: _type, ...health }: FrameOf<'system_health'>): void {
    this.#health = health as SystemHealth;
    this.#receivedAt = this.#client.parts.settings.clock.now();
    this.changed();
  }

  /** Nothing is known any more, as for another user. */
  #end(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#userId = undefined;
    this.#health = this.#receivedAt = null;
    connection?.disconnect();
    this.changed();
  }

  #read(): HealthSnapshot {
    const known = { health: this.#health, receivedAt: this.#receivedAt };
    const { state } = this.#client;
    const own = this.#connection?.state;
    if (own?.status === 'connected') return { ...known, status: 'live', reason: null };
    // A connection that was ended says only that it was; the client knows why.
    const reason = own?.reason && own.reason.code !== 'stopped' ? own.reason : state.reason;
    if (own?.status === 'closed' && own.reason?.code !== 'stopped') {
      // Nothing stays for somebody who may not see it any more.
      return { status: 'refused', health: null, receivedAt: null, reason };
    }
    return { ...known, status: known.health || reason ? 'lost' : 'waiting', reason };
  }
}

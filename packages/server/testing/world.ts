import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { formatCursor } from '@tidings/protocol';
import { type Assembly, assemble } from '../src/assembly.ts';
import { MemoryBroker } from '../src/broker/memory/memory-broker.ts';
import { MemoryEphemeral } from '../src/broker/memory/memory-ephemeral.ts';
import type { CommandContext } from '../src/commands/context.ts';
import { defaultLimits, type Limits } from '../src/config/options.ts';
import type { Broker, Clock, Ephemeral, Store } from '../src/domain/ports.ts';
import type { Hub } from '../src/fanout/hub.ts';
import type { Authenticate, Authenticator } from '../src/identity/authenticator.ts';
import type { Revocations } from '../src/identity/revocations.ts';
import type { RoleDirectory } from '../src/identity/role-directory.ts';
import { systemClock } from '../src/jobs/system-clock.ts';
import type { NodeUsers } from '../src/presence/node-users.ts';
import type { StoredPeers } from '../src/presence/presence-peers.ts';
import type { PresenceService } from '../src/presence/presence-service.ts';
import type { AuthorizeRoom } from '../src/rooms/application-rights.ts';
import type { RoomFollowers } from '../src/rooms/room-followers.ts';
import type { Admission } from '../src/session/admission.ts';
import type { CatchUps } from '../src/session/catch-ups.ts';
import { cursorTag } from '../src/session/cursor-tag.ts';
import type { Endpoint } from '../src/session/endpoint.ts';
import type { Registry } from '../src/session/registry.ts';
import type { LogFeeds } from '../src/task-logs/log-feeds.ts';
import type { Counters } from '../src/telemetry/counters.ts';
import type { TelemetryEvent } from '../src/telemetry/events.ts';
import { MemoryConnection } from './memory-connection.ts';

export interface WorldOptions {
  limits?: Partial<Limits>;
  broker?: Broker;
  /** Shared with another world, the two are nodes of one cluster. */
  ephemeral?: Ephemeral;
  /** The store that sessions read from, if it is not the store of the commits. */
  reads?: Store;
  jwtSecret?: string;
  /** An application's own way to know its users. */
  authenticate?: Authenticate;
  /** An application's own rights in rooms. */
  authorize?: AuthorizeRoom;
  clockTolerance?: number;
  /** Endpoints besides those of the server. */
  endpoints?: readonly Endpoint[];
  clock?: Clock;
  gapMs?: number;
}

/** Everything of a server but its transports: the real store, hub, admission and sessions, over connections in memory. */
export class World {
  readonly store: Store;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly admission: Admission;
  readonly registry: Registry;
  readonly catchUps: CatchUps;
  readonly context: CommandContext;
  readonly counters: Counters;
  readonly presence: NodeUsers;
  readonly roles: RoleDirectory;
  readonly presenceService: PresenceService;
  readonly presencePeers: StoredPeers | null;
  readonly roomFollowers: RoomFollowers;
  readonly revocations: Revocations;
  readonly authenticator: Authenticator;
  readonly logFeeds: LogFeeds;
  readonly events: TelemetryEvent[] = [];

  constructor(store: Store, { reads, clock = systemClock, gapMs = 5, ...given }: WorldOptions = {}) {
    const { broker = new MemoryBroker(), ephemeral = new MemoryEphemeral(), jwtSecret } = given;
    const assembly: Assembly = assemble({
      ...{ store: reads ?? store, broker, ephemeral, clock, gapMs },
      endpoints: given.endpoints,
      telemetry: { emit: (event) => void this.events.push(event) },
      limits: { ...defaultLimits, ...given.limits },
      options: {
        auth: { jwtSecret, clockToleranceSeconds: given.clockTolerance, authenticate: given.authenticate },
        rooms: { authorize: given.authorize },
        dev: jwtSecret === undefined,
      },
    });
    this.store = store;
    this.broker = broker;
    this.hub = assembly.hub;
    this.admission = assembly.admission;
    this.registry = assembly.registry;
    this.catchUps = assembly.catchUps;
    this.context = assembly.context;
    this.counters = assembly.counters;
    this.presence = assembly.presence;
    this.roles = assembly.roles;
    this.presenceService = assembly.presenceService;
    this.presencePeers = assembly.presencePeers;
    this.roomFollowers = assembly.roomFollowers;
    this.revocations = assembly.revocations;
    this.authenticator = assembly.authenticator;
    this.logFeeds = assembly.logFeeds;
  }

  async open(): Promise<this> {
    this.hub.start(await this.store.open());
    this.presence.arrive();
    return this;
  }

  /** The recipients of released changes of whom the counters do not say what became of the change. */
  get unaccounted(): number {
    const { recipients, hidden, written, conflated, missed } = this.counters;
    return recipients - hidden - written - conflated - missed - this.registry.census().waitingFrames;
  }

  /** Ends its sessions and its hub. The store goes on, where it is another's too. */
  end(): void {
    this.registry.abandonAll();
    this.presenceService.close();
    this.hub.stop();
  }

  async close(): Promise<void> {
    this.end();
    this.presence.close();
    await this.store.close();
  }

  /** Makes a user known who has never connected, as `/ws/?user=alice&roles=admin`: earlier notifications become theirs. */
  async meet(url: string): Promise<void> {
    await this.authenticator.authenticate(requestOf(url), this.context.clock.now());
  }

  /** Opens a connection, as `/ws/?user=alice&roles=admin`. */
  async connect(
    url: string,
    prepare: (connection: MemoryConnection) => void = () => {},
    headers: IncomingHttpHeaders = {},
  ): Promise<MemoryConnection> {
    const connection = new MemoryConnection();
    prepare(connection);
    const request = requestOf(url, headers);
    const admission = await this.admission.admit(request, url.split('?', 1)[0] as string);
    if (admission.kind === 'open') connection.events = admission.begin(connection);
    else if (admission.kind === 'closed') connection.close(admission.code, admission.reason);
    else connection.close(admission.error.status, admission.error.message);
    return connection;
  }

  /** The same, and waits until it has caught up. */
  async join(url: string): Promise<MemoryConnection> {
    const connection = await this.connect(url);
    await until(() => connection.of('synced').length > 0);
    return connection;
  }

  /** Waits until the hub has released all that is stored and everything is written out. */
  async settle(): Promise<void> {
    await this.hub.compare();
    await this.hub.reached((await this.store.head()).head);
    for (let n = 0; n < 3; n++) await tick();
  }

  /** Does the work of the one-second timer. */
  async sweep(): Promise<void> {
    this.registry.sweep();
    this.roomFollowers.sweep();
    this.catchUps.sweep();
    await this.logFeeds.sweep();
    await this.revocations.poll();
  }
}

/** A cursor of a user. */
export const cursorAt = (user: string, term: string, rev: number): string =>
  formatCursor({ term, rev, tag: cursorTag(user) });

/** A request as it comes to admission, or to a route. */
export const requestOf = (url: string, headers: IncomingHttpHeaders = {}): IncomingMessage =>
  ({ url, headers: { host: 'localhost', ...headers }, socket: { remoteAddress: '127.0.0.1' } }) as IncomingMessage;

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for what other threads bring; fails after 40 s, with how far it had come. */
export async function until(condition: () => boolean, progress: () => string = () => ''): Promise<void> {
  const end = Date.now() + 40_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after 40 s: ${condition} ${progress()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { formatCursor } from '@tidings/protocol';
import { MemoryBroker } from '../src/broker/memory/memory-broker.ts';
import { MemoryEphemeral } from '../src/broker/memory/memory-ephemeral.ts';
import type { CommandContext } from '../src/commands/context.ts';
import { defaultLimits, type Limits } from '../src/config/options.ts';
import { newId } from '../src/domain/ids.ts';
import { Living } from '../src/domain/inbox/living.ts';
import type { Broker, Ephemeral, Store } from '../src/domain/ports.ts';
import { Watch } from '../src/domain/watch.ts';
import { anyTopic, Hub } from '../src/fanout/hub.ts';
import { type Authenticate, Authenticator } from '../src/identity/authenticator.ts';
import { defaultClaims } from '../src/identity/claims.ts';
import { Origins } from '../src/identity/origins.ts';
import { Refusals } from '../src/identity/refusals.ts';
import { Rights } from '../src/identity/role-directory.ts';
import { TrustedProxies } from '../src/identity/trusted-proxies.ts';
import { CallbackOrigins } from '../src/outbound/webhooks/callback-origins.ts';
import { NodeUsers } from '../src/presence/connected-users.ts';
import { Admission } from '../src/session/admission.ts';
import { cursorTag } from '../src/session/cursor-tag.ts';
import type { Endpoint } from '../src/session/endpoint.ts';
import { Flusher } from '../src/session/flusher.ts';
import { ReadLimiter } from '../src/session/read-limiter.ts';
import { Registry } from '../src/session/registry.ts';
import { Revocations } from '../src/session/revocations.ts';
import { sessionEndpoints } from '../src/session/session-endpoint.ts';
import { UnreadCountRefresher } from '../src/session/unread-count-refresher.ts';
import { TaskLanes } from '../src/tasks/lanes.ts';
import type { TelemetryEvent } from '../src/telemetry/events.ts';
import { MemoryConnection } from './memory-connection.ts';

export interface WorldOptions {
  limits?: Partial<Limits>;
  broker?: Broker;
  /** Shared with another world, the two are nodes of one cluster. */
  ephemeral?: Ephemeral;
  /** What sessions read from, where it is not the store itself. */
  reads?: Store;
  jwtSecret?: string;
  /** An application's own way to know its users. */
  authenticate?: Authenticate;
  clockTolerance?: number;
  /** Endpoints besides those of the server. */
  endpoints?: readonly Endpoint[];
  now?: () => number;
  patience?: number;
}

/** Everything of a server but its transports: the real store, hub, admission and sessions, over connections in memory. */
export class World {
  readonly store: Store;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly admission: Admission;
  readonly registry: Registry;
  readonly context: CommandContext;
  readonly presence: NodeUsers;
  readonly rights: Rights;
  readonly revocations: Revocations;
  readonly authenticator: Authenticator;
  readonly told: TelemetryEvent[] = [];

  constructor(store: Store, options: WorldOptions = {}) {
    const limits = { ...defaultLimits, ...options.limits };
    const clock = { now: options.now ?? Date.now };
    const telemetry = { emit: (event: TelemetryEvent) => void this.told.push(event) };
    this.store = store;
    this.broker = options.broker ?? new MemoryBroker();
    store.onBatch((batch) => this.broker.publish(batch));
    this.hub = new Hub({ store, broker: this.broker, telemetry, patience: options.patience ?? 5, holdLimit: 1_000 });
    this.registry = new Registry(
      {
        ...{ pingInterval: limits.pingIntervalMs, pongTimeout: limits.pongTimeoutMs },
        ...{ maxConnections: limits.maxConnections, maxPerUser: limits.maxConnectionsPerUser },
        maxPerAddress: limits.maxConnectionsPerAddress,
      },
      clock,
      store,
    );
    const watch = new Watch();
    this.hub.join(anyTopic, watch);
    const tasks = new TaskLanes(store, clock, new Living(store, clock), limits.maxDataBytes);
    this.presence = new NodeUsers(
      newId('n', clock.now()),
      this.registry,
      options.ephemeral ?? new MemoryEphemeral(),
      clock,
    );
    const runner = { cancel: () => false, enqueue: () => {} };
    const callbacks = new CallbackOrigins([], { isDevelopment: true, canSign: true });
    const reads = options.reads ?? store;
    const { hub, registry } = this;
    this.rights = new Rights({ store: reads, hub, clock, lookback: limits.roleLookbackMs });
    this.revocations = new Revocations({ store, registry, clock });
    this.context = {
      ...{ store: reads, tasks, clock, telemetry, presence: this.presence, runner, adminRole: 'admin' },
      maxDataBytes: limits.maxDataBytes,
      ...{ rights: this.rights, lockout: this.revocations, watch, callbacks },
    };
    const secret = options.jwtSecret ?? null;
    this.authenticator = new Authenticator(
      {
        ...{ secret, jwksUrl: null, issuer: null, audience: null, clockTolerance: options.clockTolerance ?? 60 },
        claims: defaultClaims,
        ...{ authenticate: options.authenticate ?? null, authUrl: null, trustQuery: secret === null },
      },
      { rights: this.rights, revocations: this.revocations },
      telemetry,
    );
    const limiter = new ReadLimiter(limits.catchUps);
    const failed = (error: Error) => telemetry.emit({ type: 'failure', where: 'counts', error });
    const proxies = new TrustedProxies([]);
    const { authenticator } = this;
    const endpoints = sessionEndpoints({
      ...{ hub, flusher: new Flusher(), adminRole: 'admin', registry, context: this.context },
      ...{ authenticator, unreadCounts: new UnreadCountRefresher(reads, limiter, failed) },
      limits: { outboxBytes: limits.outboxBytes, bufferedFrames: limits.holdFrames, topics: limits.maxTopics },
      recovery: { pageSize: limits.pageSize, recent: limits.recent, reads: limiter },
      actions: { burst: limits.actionBurst, perSecond: limits.actionsPerSecond, patience: 50 },
    });
    this.admission = new Admission({
      endpoints: [...(options.endpoints ?? []), ...endpoints],
      ...{ authenticator, registry, proxies, clock, telemetry, authenticateWithin: 10_000 },
      origins: new Origins([], false, proxies),
      refusals: new Refusals({ clock, telemetry, pause: async () => {} }),
    });
  }

  async open(): Promise<this> {
    this.hub.start(await this.store.open());
    return this;
  }

  async close(): Promise<void> {
    this.registry.abandonAll();
    this.presence.close();
    this.hub.stop();
    await this.store.close();
  }

  /** Makes somebody known who has never connected, as `/ws/?user=alice&roles=admin`: what becomes theirs by that lies in the past. */
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

  /** What the one timer does each second. */
  async sweep(): Promise<void> {
    this.registry.sweep();
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

/** Waits for what other threads bring; fails after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after 10 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

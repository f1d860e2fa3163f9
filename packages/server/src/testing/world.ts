import type { IncomingMessage } from 'node:http';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import type { CommandContext } from '../commands/context.ts';
import { defaultLimits, type Limits } from '../config/options.ts';
import type { Broker, Store } from '../domain/ports.ts';
import { TaskLanes } from '../domain/tasks/lanes.ts';
import { Hub } from '../fanout/hub.ts';
import { Authenticator } from '../session/authenticator.ts';
import { CatchUps } from '../session/catch-ups.ts';
import { RegistryUsers } from '../session/connected-users.ts';
import { Flusher } from '../session/flusher.ts';
import { Gate } from '../session/gate.ts';
import { Names } from '../session/names.ts';
import { Origins } from '../session/origins.ts';
import { Registry } from '../session/registry.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { MemoryConnection } from './memory-connection.ts';

export interface WorldOptions {
  limits?: Partial<Limits>;
  broker?: Broker;
  /** What sessions read from, where it is not the store itself. */
  reads?: Store;
  jwtSecret?: string;
  now?: () => number;
  patience?: number;
}

/** Everything of a server but its transports: the real store, hub, gate and sessions, over connections in memory. */
export class World {
  readonly store: Store;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly gate: Gate;
  readonly registry: Registry;
  readonly context: CommandContext;
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
        ...{ pingInterval: limits.pingInterval, pongTimeout: limits.pongTimeout },
        ...{ maxConnections: limits.maxConnections, maxPerUser: limits.maxConnectionsPerUser },
        maxPerAddress: limits.maxConnectionsPerAddress,
      },
      clock,
      store,
    );
    const tasks = new TaskLanes(store, clock);
    const presence = new RegistryUsers(this.registry);
    const runner = { cancel: () => false };
    const reads = options.reads ?? store;
    this.context = { store: reads, tasks, clock, telemetry, presence, runner, adminRole: 'admin' };
    const secret = options.jwtSecret ?? null;
    this.gate = new Gate({
      ...{ hub: this.hub, flusher: new Flusher(), adminRole: 'admin', registry: this.registry, context: this.context },
      authenticator: new Authenticator({
        ...{ secret, jwksUrl: null, issuer: null, audience: null, userClaim: 'sub' },
        ...{ authenticate: null, authUrl: null, trustQuery: secret === null },
      }),
      ...{ origins: new Origins([], false), names: new Names(store), authenticateWithin: 10_000 },
      limits: { outboxBytes: limits.outboxBytes, holdFrames: limits.holdFrames, topics: limits.maxTopics },
      resume: { pageSize: limits.pageSize, recent: limits.recent, turns: new CatchUps(limits.catchUps) },
      actions: { burst: limits.actionBurst, perSecond: limits.actionsPerSecond, patience: 50 },
    });
  }

  async open(): Promise<this> {
    this.hub.start(await this.store.open());
    return this;
  }

  async close(): Promise<void> {
    this.registry.abandonAll();
    this.hub.stop();
    await this.store.close();
  }

  /** Opens a connection, as `/ws/?user=alice&roles=admin`. */
  async connect(url: string, prepare: (connection: MemoryConnection) => void = () => {}): Promise<MemoryConnection> {
    const connection = new MemoryConnection();
    prepare(connection);
    const request = { url, headers: { host: 'localhost' }, socket: { remoteAddress: '127.0.0.1' } } as IncomingMessage;
    const admission = await this.gate.admit(request, url.split('?', 1)[0] as string);
    if (admission.kind === 'open') connection.events = admission.begin(connection);
    else connection.close(admission.kind === 'closed' ? admission.code : admission.status, '');
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
  sweep(): void {
    this.registry.sweep();
  }
}

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for what other threads bring; fails after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after 10 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

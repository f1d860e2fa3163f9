import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { OptionalPromise } from '@tidings/protocol';
import { createSenderOver, type Sender } from '@tidings/sender';
import { MemoryBroker } from './broker/memory/memory-broker.ts';
import { MemoryEphemeral } from './broker/memory/memory-ephemeral.ts';
import { PostgresBus } from './broker/postgres/bus.ts';
import { PostgresBroker } from './broker/postgres/postgres-broker.ts';
import { PostgresEphemeral } from './broker/postgres/postgres-ephemeral.ts';
import type { CommandContext } from './commands/context.ts';
import { prepare } from './commands/notify.ts';
import { asTidingsError } from './commands/refuse.ts';
import { TransactionalOutbox } from './commands/transactional-outbox.ts';
import { type DatabaseLocation, parseDatabase } from './config/database.ts';
import { type CurrentOptions, withNewNames } from './config/old-names.ts';
import { defaultLimits, type Limits, type TidingsOptions } from './config/options.ts';
import { newId } from './domain/ids.ts';
import { Living } from './domain/inbox/living.ts';
import type { Clock } from './domain/ports.ts';
import { Watch } from './domain/watch.ts';
import { anyTopic, Hub } from './fanout/hub.ts';
import { ApiKeys } from './identity/api-keys.ts';
import { Authenticator } from './identity/authenticator.ts';
import { defaultClaims } from './identity/claims.ts';
import { Origins } from './identity/origins.ts';
import { Refusals } from './identity/refusals.ts';
import { Rights } from './identity/role-directory.ts';
import { TrustedProxies } from './identity/trusted-proxies.ts';
import { Clockwork } from './jobs/due-jobs.ts';
import { Retention } from './jobs/retention.ts';
import { Outbound } from './outbound/outbound.ts';
import { CallbackOrigins } from './outbound/webhooks/callback-origins.ts';
import { Signature } from './outbound/webhooks/signature.ts';
import { WebhookChannel } from './outbound/webhooks/webhook-channel.ts';
import { NodeUsers } from './presence/connected-users.ts';
import { LocalRunner, type StartOptions } from './runner/local/local-runner.ts';
import type { TaskHandler } from './runner/local/task-context.ts';
import { Admission } from './session/admission.ts';
import { Flusher } from './session/flusher.ts';
import { ReadLimiter } from './session/read-limiter.ts';
import { Registry, type RegistryOptions } from './session/registry.ts';
import { Revocations } from './session/revocations.ts';
import { sessionEndpoints } from './session/session-endpoint.ts';
import { UnreadCountRefresher } from './session/unread-count-refresher.ts';
import type { SqlEngine } from './store/engine.ts';
import { PostgresAddress } from './store/postgres/address.ts';
import { PostgresEngine } from './store/postgres/engine.ts';
import { SqlStore } from './store/sql-store.ts';
import { SqliteEngine } from './store/sqlite/engine.ts';
import { TaskLanes } from './tasks/lanes.ts';
import { silent, type Telemetry } from './telemetry/events.ts';
import { safe } from './telemetry/safe.ts';
import { type AttachOptions, notFound, serveBeside } from './transport/application-server.ts';
import { Callers } from './transport/http/callers.ts';
import type { HealthView } from './transport/http/health-routes.ts';
import { HttpTransport } from './transport/http/http-transport.ts';
import { Listeners } from './transport/http/listeners.ts';
import { callByName } from './transport/in-process/call-by-name.ts';
import { readJson, readProgress, readStart } from './transport/in-process/in-process-input.ts';
import { inProcessCaller, inProcessPort } from './transport/in-process/in-process-port.ts';
import { asksForWebSocket, WebSocketTransport } from './transport/websocket/websocket-transport.ts';

/** Begins tasks: by name, to be run here, or as a record that something else reports on. */
export interface TidingsTasks extends Omit<Sender['tasks'], 'start'> {
  /** Says how tasks of this name are run in this process. */
  define<Input>(name: string, handler: TaskHandler<Input>): void;
  /** Stores a task and answers; it is run in the background, and again after a restart that interrupts it. */
  start(name: string, input: unknown, options?: StartOptions): ReturnType<Sender['tasks']['start']>;
  start(...args: Parameters<Sender['tasks']['start']>): ReturnType<Sender['tasks']['start']>;
}

/** A running Tidings: sends like any Sender, and serves on its own or on an application's HTTP server. */
export interface Tidings extends Omit<Sender, 'tasks'> {
  tasks: TidingsTasks;
  /**
   * Serves on a port of its own, of every host that is named (default 127.0.0.1); resolves with the address of the first.
   * Port 0 lets the system choose. Throws TidingsError with what to do; `conflict` for a port that is taken.
   */
  listen(address: { host?: string | readonly string[]; port: number }): Promise<{ url: string; port: number }>;
  /** Serves `/ws`, `/api/v1`, `/tidings.js` and `/test`, with `documents` also `/docs`, on an application's HTTP server. */
  attach(server: Server, options?: AttachOptions): void;
  /** Tells clients when to come back (1012), finishes what was accepted, and closes the database. */
  close(): Promise<void>;
}

const systemClock: Clock = { now: () => Date.now() };

/** Builds and opens a server. Throws TidingsError with what to do where it cannot be opened. */
export async function createTidings(given: TidingsOptions = {}): Promise<Tidings> {
  const { options, renamed } = withNewNames(given);
  const telemetry = safe(options.telemetry ?? silent);
  for (const names of renamed) telemetry.emit({ type: 'option_renamed', ...names });
  const limits = { ...defaultLimits, ...options.limits };
  const proxies = new TrustedProxies(options.trustedProxies ?? []);
  const core = await openCore(options, telemetry, limits);
  const doors = openDoors(core, { ...options, proxies }, limits);
  await doors.http.ready();
  await core.runner.recover();
  return serve(core, doors, limits);
}

type Core = Awaited<ReturnType<typeof openCore>>;
type Doors = ReturnType<typeof openDoors>;

/** What keeps the promise: the store, what carries its commits to sessions, and what commands need. */
async function openCore(options: CurrentOptions, telemetry: Telemetry, limits: Limits) {
  const clock = systemClock;
  const location = parseDatabase(options.database ?? 'sqlite:./tidings.db');
  const rules = callbackRules(options);
  const store = new SqlStore(engineFor(location));
  const { broker, ephemeral, bus } = nodeLinks(location, telemetry);
  store.onBatch((batch) => broker.publish(batch));
  const hub = new Hub({ store, broker, telemetry, patience: 50, holdLimit: 1_000 });
  const head = await store.open();
  hub.start(head);
  await bus?.open();
  telemetry.emit({ type: 'started', database: location.kind, term: head.term, head: head.head });

  const registry = new Registry(connectionLimits(limits), clock, store);
  const rights = new Rights({ store, hub, clock, lookback: limits.roleLookbackMs });
  const revocations = new Revocations({ store, registry, clock });
  await revocations.poll();
  const watch = new Watch();
  hub.join(anyTopic, watch);
  const living = new Living(store, clock);
  const tasks = new TaskLanes(store, clock, living, limits.maxDataBytes);
  const { signature, origins } = rules;
  // Without a signature no notification may name an address.
  const webhooks =
    signature === null
      ? null
      : new Outbound(new WebhookChannel({ store, clock, telemetry, origins, signature, timeoutMs: 10_000 }), {
          ...{ store, clock, telemetry, closeMs: 3_000 },
        });
  watch.listen('answer', () => webhooks?.changed());
  const runner = new LocalRunner({
    ...{ store, tasks, living, watch, clock, telemetry, concurrency: limits.taskConcurrency },
    prepare: (input) => prepare(context, inProcessCaller, readJson(input, 'question')).write,
    read: { start: readStart, progress: readProgress, json: readJson },
    within: (owner, run) => sender.withNotificationUser(owner, run),
  });
  const presence = new NodeUsers(newId('n', clock.now()), registry, ephemeral, clock);
  const adminRole = options.auth?.adminRole ?? 'admin';
  const context: CommandContext = {
    ...{ store, tasks, clock, telemetry, presence, runner, adminRole },
    maxDataBytes: limits.maxDataBytes,
    ...{ rights, lockout: revocations, watch, callbacks: origins },
  };
  const sender = createSenderOver(inProcessPort(context));
  const clockwork = new Clockwork(store);
  const outbox = new TransactionalOutbox(context);
  const retention = new Retention(store, {
    ...{ age: limits.notificationAgeMs, perTopic: limits.notificationsPerTopic },
    ...{ retractions: limits.retractionAgeMs, keys: limits.idempotencyWindowMs },
  });
  const upkeep = { clockwork, retention, webhooks, outbox };
  return {
    store,
    broker,
    ephemeral,
    bus,
    presence,
    hub,
    registry,
    rights,
    revocations,
    runner,
    context,
    sender,
    ...upkeep,
  };
}

/** Where answers may be posted to, and how they are signed. Throws `bad_request` for options that say neither. */
function callbackRules({ callbacks: { secret, origins: allowed = [] } = {}, dev = false }: CurrentOptions) {
  const signature = secret === undefined ? null : new Signature(secret);
  const origins = new CallbackOrigins(allowed, { isDevelopment: dev, canSign: signature !== null });
  return { signature, origins };
}

const engineFor = (location: DatabaseLocation): SqlEngine =>
  location.kind === 'postgres' ? new PostgresEngine(location.url) : new SqliteEngine(location.path);

/** How nodes reach one another: over the database, where it is one that they can share. */
function nodeLinks(location: DatabaseLocation, telemetry: Telemetry) {
  if (location.kind === 'sqlite') return { broker: new MemoryBroker(), ephemeral: new MemoryEphemeral(), bus: null };
  const bus = new PostgresBus(new PostgresAddress(location.url), telemetry);
  return { broker: new PostgresBroker(bus), ephemeral: new PostgresEphemeral(bus), bus };
}

const connectionLimits = (limits: Limits): RegistryOptions => ({
  pingInterval: limits.pingIntervalMs,
  pongTimeout: limits.pongTimeoutMs,
  maxConnections: limits.maxConnections,
  maxPerUser: limits.maxConnectionsPerUser,
  maxPerAddress: limits.maxConnectionsPerAddress,
});

/** How one gets in: who may, and on what. */
function openDoors(core: Core, options: CurrentOptions & { proxies: TrustedProxies }, limits: Limits) {
  const { context, hub, registry, rights, revocations, store, sender } = core;
  const { clock, adminRole, telemetry } = context;
  const isDev = options.dev === true;
  const { auth = {} } = options;
  const authenticator = new Authenticator(
    {
      secret: auth.jwtSecret ?? null,
      jwksUrl: auth.jwksUrl ?? null,
      issuer: auth.issuer ?? null,
      audience: auth.audience ?? null,
      claims: {
        user: auth.claims?.user ?? defaultClaims.user,
        username: auth.claims?.username ?? defaultClaims.username,
        roles: auth.claims?.roles ?? defaultClaims.roles,
      },
      clockTolerance: auth.clockToleranceSeconds ?? 60,
      authenticate: auth.authenticate ?? null,
      authUrl: auth.url ?? null,
      trustQuery: isDev,
    },
    { rights, revocations },
    telemetry,
  );
  const reads = new ReadLimiter(limits.catchUps);
  const unreadCounts = new UnreadCountRefresher(store, reads, (error) =>
    telemetry.emit({ type: 'failure', where: 'counts', error }),
  );
  const { proxies } = options;
  const origins = new Origins(auth.allowedOrigins ?? [], isDev, proxies);
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { ref: false });
  const endpoints = sessionEndpoints({
    ...{ hub, flusher: new Flusher(), adminRole, authenticator, registry, context, unreadCounts },
    limits: { outboxBytes: limits.outboxBytes, bufferedFrames: limits.holdFrames, topics: limits.maxTopics },
    recovery: { pageSize: limits.pageSize, recent: limits.recent, reads },
    actions: { burst: limits.actionBurst, perSecond: limits.actionsPerSecond, patience: 50 },
  });
  const admission = new Admission({
    ...{ endpoints, authenticator, origins, registry, proxies, clock, telemetry, authenticateWithin: 10_000 },
    refusals: new Refusals({ clock, telemetry, pause }),
  });
  const http = new HttpTransport({
    ...{
      context,
      origins,
      proxies,
      isSocketPath: (path) => admission.handles(path),
      health: () => healthOf(core),
    },
    callers: new Callers(new ApiKeys(auth.apiKeys ?? []), authenticator, () => clock.now()),
    hasOwnCarriers: auth.authenticate !== undefined,
    pages: { trySend: isDev ? (name, args) => callByName(sender, name, args) : null },
  });
  return { sockets: new WebSocketTransport(admission, { maxPayload: limits.maxFrameBytes }), http };
}

/** Down where nothing can be stored. Without the broker news come later and without ephemeral channels presence is short, which is said. */
function healthOf({ store, broker, ephemeral, hub, registry }: Core): HealthView {
  const { ok } = store.health();
  const { term, rev: head } = hub.position;
  const reasons = [...new Set([store, broker, ephemeral].flatMap((port) => port.health().reason ?? []))];
  return { status: ok ? 'ok' : 'down', reasons, database: { ok, head, term }, connections: registry.size };
}

/** Runs what was built, until it is closed: parts are stopped in the order in which news flows through them. */
function serve(core: Core, doors: Doors, limits: Limits): Tidings {
  const { store, broker, ephemeral, bus, presence, hub, registry, revocations, runner, webhooks, context, sender } =
    core;
  const { clockwork, retention, outbox } = core;
  const { http, sockets } = doors;
  const { telemetry } = context;
  const inBackground = (where: string, work: Promise<void>) =>
    void work.catch((error: Error) => telemetry.emit({ type: 'failure', where, error }));
  const everySecond = setInterval(() => {
    registry.sweep();
    presence.announce();
    void store.probe();
    inBackground('hub', hub.compare());
    inBackground('revocations', revocations.poll());
    inBackground('clockwork', clockwork.run());
  }, 1_000);
  const everyHalfSecond = setInterval(() => inBackground('outbox', outbox.run()), 500);
  // What waits for another attempt, or was left by another node.
  const everyFewSeconds = setInterval(() => webhooks?.wake(), 5_000);
  const everyMinute = setInterval(() => inBackground('retention', retention.step(context.clock.now())), 60_000);
  const listeners = new Listeners({
    onRequest: (request, response) => http.handle(request, response),
    onUpgrade(request, socket, first) {
      if (sockets.handles(request)) sockets.upgrade(request, socket, first);
      else socket.end(notFound);
    },
    isUpgrade: asksForWebSocket,
  });
  const attached: (() => void)[] = [];
  let closing: Promise<void> | null = null;

  async function shutDown(): Promise<void> {
    clearInterval(everySecond);
    clearInterval(everyHalfSecond);
    clearInterval(everyFewSeconds);
    clearInterval(everyMinute);
    for (const detach of attached) detach();
    listeners.stop();
    registry.closeAll(limits.restartSpreadMs);
    context.watch.close();
    await sender.close();
    await outbox.stop();
    await runner.stop();
    listeners.close();
    await http.close();
    registry.abandonAll();
    hub.stop();
    await webhooks?.close();
    presence.close();
    await ephemeral.close();
    await broker.close();
    await bus?.close();
    await store.close();
    telemetry.emit({ type: 'stopped' });
  }

  return {
    ...sender,
    tasks: { ...sender.tasks, define: runner.define.bind(runner), start: startWith(runner, sender, telemetry) },
    async listen({ host = '127.0.0.1', port }) {
      const hosts = typeof host === 'string' ? [host] : host;
      const actual = await listeners.listen(hosts, port);
      return { url: `http://${nameOf(hosts[0] as string)}:${actual}`, port: actual };
    },
    attach(server, options) {
      attached.push(serveBeside(server, { sockets, http }, options));
    },
    close() {
      closing ??= OptionalPromise.of(shutDown(), (error) =>
        telemetry.emit({ type: 'failure', where: 'close', error: asTidingsError(error) }),
      );
      return closing;
    },
  };
}

function startWith(runner: LocalRunner, sender: Sender, telemetry: Telemetry): TidingsTasks['start'] {
  const tell = (error: unknown) =>
    telemetry.emit({ type: 'failure', where: 'tasks.start', error: asTidingsError(error) });
  return (first: string | Parameters<Sender['tasks']['start']>[0], input?: unknown, options?: StartOptions) =>
    typeof first === 'string'
      ? OptionalPromise.of(runner.start(first, input, options), tell)
      : sender.tasks.start(first);
}

/** How a host is written in a URL; one that stands for all addresses is reached as localhost. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

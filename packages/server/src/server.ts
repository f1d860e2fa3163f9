import type { Server } from 'node:http';
import { OptionalPromise, TidingsError } from '@tidings/protocol';
import type { Sender } from '@tidings/sender';
import type { Doc } from 'yjs';
import { type Assembly, assemble } from './assembly.ts';
import { asTidingsError, isStorageFull } from './commands/refuse.ts';
import { checkOptions, nobodyConnects, withoutEffect } from './config/check-options.ts';
import { type CurrentOptions, withNewNames } from './config/current-options.ts';
import type { DatabaseLocation } from './config/database.ts';
import { limitsOf } from './config/limits.ts';
import type { Limits, TidingsOptions } from './config/options.ts';
import { closedError } from './domain/closed.ts';
import { documentName } from './domain/document-name.ts';
import { CanaryAdmission } from './health/canary/canary-admission.ts';
import type { Loopback } from './health/canary/loopback.ts';
import { ApiKeys } from './identity/api-keys.ts';
import { systemClock } from './jobs/system-clock.ts';
import { metricsOf } from './metrics.ts';
import { type Bus, nodeParts } from './node-parts.ts';
import type { LocalRunner } from './runner/local/local-runner.ts';
import type { DefineTask } from './runner/task-definitions.ts';
import type { StartOptions } from './runner/task-start.ts';
import { sqlStore } from './store/sql-store.ts';
import { Counters } from './telemetry/counters.ts';
import { silent, type Telemetry } from './telemetry/events.ts';
import { type MetricLines, metricLines, prometheusText } from './telemetry/prometheus.ts';
import { safe } from './telemetry/safe.ts';
import { type AttachOptions, serveBeside } from './transport/application-server.ts';
import { hangUp, notFound } from './transport/hang-up.ts';
import { Callers } from './transport/http/callers.ts';
import { ConnectionCounter } from './transport/http/connection-counter.ts';
import type { HealthView } from './transport/http/health-routes.ts';
import { HttpTransport } from './transport/http/http-transport.ts';
import { Listeners } from './transport/http/listeners.ts';
import { callByName } from './transport/in-process/call-by-name.ts';
import { Polls } from './transport/long-poll/polls.ts';
import { EventStreams } from './transport/sse/event-streams.ts';
import { asksForWebSocket, WebSocketTransport } from './transport/websocket/websocket-transport.ts';
import type { WorkerChannel } from './workers/messages.ts';
import { WorkerMetrics } from './workers/worker-metrics.ts';

/** Begins tasks: by name, to be run here, or as a record that something else reports on. */
export interface TidingsTasks extends Omit<Sender['tasks'], 'start'> {
  /** Says how tasks of this name are run in this process. */
  define: DefineTask;
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
  /**
   * Calls with the shared document of a room, as `collaboration:notes`, to read or change it; resolves with what the call returned, once its changes
   * are stored. Editors see them, and may change the document meanwhile. `doc` is of yjs 13, and good until then only. If the call throws, what it has
   * changed stays. `documents` has its versions.
   *
   * Throws TidingsError: `bad_request` for a room that has no document, `unavailable` where it cannot be read or stored.
   */
  withDocument<Result>(room: string, call: (doc: Doc) => Result | Promise<Result>): Promise<Result>;
  /** Tells clients when to come back (1012), finishes what was accepted, and closes the database. */
  close(): Promise<void>;
}

/**
 * Builds and opens a server. Throws TidingsError with what to do if it cannot be opened; `bad_request` for an option that is wrong, unknown
 * or contradicts another. Warns (`process.emitWarning`) of old names and of options that have no effect.
 */
export async function createTidings(given: TidingsOptions = {}): Promise<Tidings> {
  const { options, renamed } = withNewNames(given);
  for (const { option, use } of renamed) {
    const warning = `createTidings: the option "${option}" is now "${use}"; the old name is accepted in 0.x`;
    process.emitWarning(warning, { type: 'DeprecationWarning', code: 'TIDINGS_OLD_OPTION' });
  }
  const tidings = await openTidings(options, checkOptions(options));
  for (const warning of withoutEffect(options)) {
    process.emitWarning(`createTidings: ${warning}`, { code: 'TIDINGS_OPTION_WITHOUT_EFFECT' });
  }
  return tidings;
}

/**
 * The same without warnings, of options that `checkOptions` has checked.
 *
 * @param location the database, as it gave it
 * @param primary of a worker: the channel to the process that started it, and on SQLite writes for it
 * @param linksOf makes the links to the database and to other nodes, which a test may have fail
 */
export async function openTidings(
  options: CurrentOptions,
  location: DatabaseLocation,
  primary: WorkerChannel | null = null,
  linksOf: typeof nodeParts = nodeParts,
): Promise<Tidings> {
  const telemetry = safe(options.telemetry ?? silent);
  const limits = limitsOf(options.limits);
  const { engine, broker, ephemeral, bus } = await linksOf(location, { telemetry, primary });
  const counters = new Counters();
  const assembly = assemble({
    ...{ store: sqlStore(engine, counters), broker, ephemeral },
    ...{ clock: systemClock, telemetry, counters, limits, options, location },
  });
  const { store, hub, presence, revocations, runner, health } = assembly;
  // The database opens in its own thread: the rest is made meanwhile.
  const metrics = metricsReader(assembly, primary);
  const making = () => readyTransports(assembly, { options, limits, metrics });
  const [opened, made] = await Promise.allSettled([store.open(), making()]);
  if (opened.status === 'rejected') throw opened.reason;
  const head = opened.value;
  try {
    if (made.status === 'rejected') throw made.reason;
    hub.start(head);
    await bus?.open();
    presence.arrive();
    telemetry.emit({ type: 'started', database: location.kind, term: head.term, head: head.head });
    await Promise.all([revocations.poll(), health.history.read()]);
    // On a full disk tasks wait, and the rest is served.
    await runner.poll().catch((error: unknown) => {
      if (!isStorageFull(error)) throw error;
    });
    return serve(assembly, made.value, {
      ...{ limits, bus, warning: nobodyConnects(options) },
      ...{ isWorker: primary !== null, hasCanary: options.health?.canary !== false },
    });
  } catch (error) {
    await inTurn([() => runner.stop(), ...lastSteps(assembly, bus)]).catch(() => {});
    throw error;
  }
}

/** The end of a close, of sessions that are gone already: parts in the order in which news flows through them. */
const lastSteps = (
  { hub, webhooks, health, alerts, presence, presencePeers, presenceService, ephemeral, broker, store }: Assembly,
  bus: Bus | null,
): (() => unknown)[] => [
  () => hub.stop(),
  () => webhooks?.close(),
  () => health.history.close(),
  // Tells that they are over; a database that is away does not hold up the end.
  () => alerts?.step().catch(() => {}),
  () => health.cluster.close(),
  () => presence.close(),
  () => presencePeers?.close(),
  () => presenceService.close(),
  () => ephemeral.close(),
  () => broker.close(),
  () => bus?.close(),
  () => store.close(),
];

/** Beside the sources in the repository, and beside the build when published. */
const publicFolder = new URL('../public/', import.meta.url);

type Transports = ReturnType<typeof transportsOf>;

/** The metrics of this process, or of all workers. */
type ReadMetrics = () => Promise<readonly (readonly MetricLines[])[]>;

function metricsReader(assembly: Assembly, primary: WorkerChannel | null): ReadMetrics {
  if (primary === null) return async () => [metricLines(metricsOf(assembly))];
  const workers = new WorkerMetrics(primary, () => metricLines(metricsOf(assembly), { worker: `${primary.number}` }));
  return () => workers.ofAll();
}

interface TransportOptions {
  options: CurrentOptions;
  limits: Limits;
  metrics: ReadMetrics;
}

function transportsOf(assembly: Assembly, { options: { auth = {}, dev }, limits, metrics }: TransportOptions) {
  const { context, origins, proxies, authenticator, sender, requestLimits, counters, canarySessions } = assembly;
  const admission = new CanaryAdmission(assembly.admission, (connection) => canarySessions.open(connection));
  const callers = new Callers({
    ...{ keys: new ApiKeys(auth.apiKeys ?? []), metricsKeys: new ApiKeys(auth.metricsKey ? [auth.metricsKey] : []) },
    ...{ authenticator, proxies, limits: requestLimits },
    now: () => context.clock.now(),
  });
  const http = new HttpTransport({
    ...{ context, callers, origins, proxies },
    streams: { events: new EventStreams(admission), polls: new Polls(admission) },
    isSocketPath: (path) => admission.handles(path),
    health: () => healthOf(assembly),
    readiness: () => readinessOf(assembly),
    metrics: async () => prometheusText(await metrics()),
    hasOwnCarriers: auth.authenticate !== undefined,
    pages: { trySend: dev === true ? (name, args) => callByName(sender, name, args) : null, folder: publicFolder },
  });
  return {
    sockets: new WebSocketTransport(admission, { maxPayload: limits.maxFrameBytes, refused: counters.refused }),
    http,
    canarySecret: admission.secret,
  };
}

async function readyTransports(...parts: Parameters<typeof transportsOf>): Promise<Transports> {
  const transports = transportsOf(...parts);
  await transports.http.ready();
  return transports;
}

/** Ready where records can be stored. */
function readinessOf({ store, broker, ephemeral }: Assembly): { ready: boolean; reasons: string[] } {
  const reasons = new Set([store, broker, ephemeral].flatMap((port) => port.health().reason ?? []));
  return { ready: store.health().ok, reasons: [...reasons] };
}

/**
 * Down where nothing can be stored, or what is stored does not reach the connections of this node. Without the broker news come later and
 * without ephemeral channels presence is short, which is said.
 */
function healthOf(assembly: Assembly): HealthView {
  const { hub, registry } = assembly;
  const { canary, monitor } = assembly.health;
  const { ready, reasons } = readinessOf(assembly);
  const { term, rev: head } = hub.position;
  const delivers = monitor.of('canary').state !== 'down' || canary.last?.commitMs === null;
  return {
    status: ready && delivers ? 'ok' : 'down',
    reasons: delivers ? reasons : [...reasons, ...monitor.of('canary').reasons],
    database: { ok: ready, head, term },
    connections: registry.size,
  };
}

interface Running {
  limits: Limits;
  /** The messages between nodes; null on SQLite, which has one node. */
  bus: Bus | null;
  /** Said where it begins to listen. */
  warning: string | null;
  /** True if other processes serve the same port. */
  isWorker: boolean;
  hasCanary: boolean;
}

/** Runs what was assembled, until it is closed: parts are stopped in the order in which news flows through them. */
function serve(assembly: Assembly, { http, sockets, canarySecret }: Transports, running: Running): Tidings {
  const { limits, bus, warning, isWorker, hasCanary } = running;
  const { watch, registry, runner, webhooks, outbox, sender } = assembly;
  const { scheduler, context, definitions } = assembly;
  const { telemetry } = context;
  watch.listen('answer', () => webhooks?.changed());
  webhooks?.wake();
  scheduler.start();
  const connections = new ConnectionCounter(limits.maxConnectionsPerAddress, (address) =>
    assembly.proxies.isProxy(address),
  );
  const listeners = new Listeners({
    onConnection(socket) {
      sockets.connected(socket);
      connections.add(socket);
    },
    onRequest: (request, response) => http.handle(request, response),
    onUpgrade(request, socket, first) {
      connections.release(socket);
      if (sockets.handles(request)) sockets.upgrade(request, socket, first);
      else hangUp(socket, notFound);
    },
    isUpgrade: asksForWebSocket,
  });
  const attached = new Map<Server, () => void>();
  let isListening = false;
  const { canary } = assembly.health;
  const loopback = (): Loopback | null => {
    if (!isListening && attached.size === 0) return null;
    // A connection to a port that processes share may be another one's; an application's server may ask for TLS, or more.
    if (isWorker || !isListening) return { way: 'in_process', connect: () => listeners.connectInside() };
    return { way: 'loopback', connect: () => listeners.connectByNetwork() };
  };
  if (hasCanary) canary.connectBy({ loopback, secret: canarySecret });
  let closing: Promise<void> | null = null;
  const beforeListening = (): void => {
    if (closing) throw closedError();
    if (warning !== null) process.emitWarning(`createTidings: ${warning}`, { code: 'TIDINGS_NOBODY_CAN_CONNECT' });
  };

  async function shutDown(): Promise<void> {
    const jobs = scheduler.stop();
    canary.stop();
    listeners.stop();
    registry.closeAll(limits.restartSpreadMs);
    // Before all waiting ends: a handler that asks is told that the process stops, not that nobody has answered.
    const tasks = runner.stop();
    watch.close();
    await inTurn([
      () => sender.close(),
      () => outbox.stop(),
      () => jobs,
      () => tasks,
      () => listeners.close(),
      () => http.close(),
      () => registry.abandonAll(),
      () => assembly.documents.close(),
      () => assembly.documentVersions.close(),
      ...lastSteps(assembly, bus),
      // Until then the application's server answers clients that ask why they were cut off, which the application cannot.
      ...[...attached.values()],
    ]);
    telemetry.emit({ type: 'stopped' });
  }

  return {
    ...sender,
    tasks: {
      ...sender.tasks,
      define: definitions.define,
      start: startWith(runner, sender, telemetry),
    },
    async withDocument(room, call) {
      if (closing) throw closedError();
      return assembly.documents.use(documentName(room), call);
    },
    async listen({ host = '127.0.0.1', port }) {
      beforeListening();
      const hosts = typeof host === 'string' ? [host] : host;
      const actual = await listeners.listen(hosts, port);
      isListening = true;
      return { url: `http://${nameOf(hosts[0] as string)}:${actual}`, port: actual };
    },
    attach(server, options) {
      beforeListening();
      if (attached.has(server)) {
        throw new TidingsError('conflict', 'attach() was called with this HTTP server before: once is enough');
      }
      attached.set(server, serveBeside(server, { sockets, http }, options));
    },
    close() {
      closing ??= OptionalPromise.of(shutDown(), (error) =>
        telemetry.emit({ type: 'failure', where: 'close', error: asTidingsError(error) }),
      );
      return closing;
    },
  };
}

/** Takes every step, whatever becomes of those before it. Rejects with the first failure. */
async function inTurn(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function startWith(runner: LocalRunner, sender: Sender, telemetry: Telemetry): TidingsTasks['start'] {
  const emitFailure = (error: unknown) =>
    telemetry.emit({ type: 'failure', where: 'tasks.start', error: asTidingsError(error) });
  return (first: string | Parameters<Sender['tasks']['start']>[0], input?: unknown, options?: StartOptions) =>
    typeof first === 'string'
      ? OptionalPromise.of(runner.start(first, input, options), emitFailure)
      : sender.tasks.start(first);
}

/** The host as written in a URL; `localhost` for one that stands for all addresses. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

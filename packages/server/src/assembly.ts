import { reasonOf } from '@tidings/protocol';
import { createSenderOver, type Sender } from '@tidings/sender';
import type { CommandContext } from './commands/context.ts';
import { editNotification } from './commands/notifications.ts';
import { notify, prepare } from './commands/notify.ts';
import { mayRead } from './commands/tasks.ts';
import { TransactionalOutbox } from './commands/transactional-outbox.ts';
import type { CurrentOptions } from './config/current-options.ts';
import type { DatabaseLocation } from './config/database.ts';
import type { Limits, RoomOptions } from './config/options.ts';
import { DocumentEndpoint } from './documents/document-endpoint.ts';
import { newId } from './domain/ids.ts';
import { NotificationLinks } from './domain/inbox/linked.ts';
import type { Broker, Clock, Ephemeral, Store } from './domain/ports.ts';
import { Turns } from './domain/turns.ts';
import { ChangeWatcher } from './fanout/change-watcher.ts';
import { anyTopic, Hub } from './fanout/hub.ts';
import { HealthAlerts } from './health/alerts.ts';
import { beatEveryMs } from './health/canary/canary.ts';
import { CanarySessions } from './health/canary/canary-sessions.ts';
import { HealthEndpoint } from './health/health-endpoint.ts';
import { healthParts } from './health-parts.ts';
import { HttpClient } from './http-client/http-client.ts';
import { Authenticator } from './identity/authenticator.ts';
import { defaultClaims } from './identity/claims.ts';
import { Origins } from './identity/origins.ts';
import { Refusals } from './identity/refusals.ts';
import { Revocations } from './identity/revocations.ts';
import { RoleDirectory } from './identity/role-directory.ts';
import { TrustedProxies } from './identity/trusted-proxies.ts';
import { DueJobs } from './jobs/due-jobs.ts';
import { EventRetention } from './jobs/event-retention.ts';
import { Retention } from './jobs/retention.ts';
import { type Job, Scheduler } from './jobs/scheduler.ts';
import { TaskLogRetention } from './jobs/task-log-retention.ts';
import { RequestLimits } from './limits/request-limits.ts';
import { Searches } from './limits/searches.ts';
import { Outbound } from './outbound/outbound.ts';
import { CallbackOrigins } from './outbound/webhooks/callback-origins.ts';
import { Signature } from './outbound/webhooks/signature.ts';
import { WebhookChannel } from './outbound/webhooks/webhook-channel.ts';
import { NodeUsers } from './presence/node-users.ts';
import { roomParts } from './room-parts.ts';
import { LocalRunner } from './runner/local/local-runner.ts';
import { TaskDefinitions } from './runner/task-definitions.ts';
import { Admission } from './session/admission.ts';
import { CatchUps } from './session/catch-ups.ts';
import type { Endpoint } from './session/endpoint.ts';
import { Flusher } from './session/flusher.ts';
import { Registry, type RegistryParts } from './session/registry.ts';
import type { SessionParts } from './session/session.ts';
import { sessionEndpoints } from './session/session-endpoint.ts';
import { Unacknowledged } from './session/unacknowledged.ts';
import { UnreadCountRefresher } from './session/unread-count-refresher.ts';
import { LogFeeds } from './task-logs/log-feeds.ts';
import { StoredTaskQueue } from './tasks/stored-task-queue.ts';
import { TaskLogs } from './tasks/task-logs.ts';
import { TaskService } from './tasks/task-service.ts';
import { Counters } from './telemetry/counters.ts';
import type { Telemetry } from './telemetry/events.ts';
import { LogLimiter } from './telemetry/log-limiter.ts';
import { readChunk, readJson, readLog, readProgress, readStart } from './transport/in-process/in-process-input.ts';
import { inProcessCaller, inProcessPort } from './transport/in-process/in-process-port.ts';

/** All that differs between a server and a test of one. */
export interface AssemblyParts {
  store: Store;
  broker: Broker;
  ephemeral: Ephemeral;
  clock: Clock;
  telemetry: Telemetry;
  /** Those of the store, which counts in them too. Default: new ones. */
  counters?: Counters;
  limits: Limits;
  /** Everything else that an operator may set. */
  options?: Omit<CurrentOptions, 'database' | 'telemetry' | 'limits'>;
  /** The database of the store. Default: not known, so that neither its volume nor its clock is looked at. */
  location?: DatabaseLocation;
  /** Endpoints besides those of sessions. */
  endpoints?: readonly Endpoint[];
  /** Time that a committed range may be late from the broker before the store is read for it, ms. Default 50. */
  gapMs?: number;
  /** Time for which a process may be silent before others take over its tasks, ms. Default 15,000. */
  leaseMs?: number;
}

export type Assembly = ReturnType<typeof assemble>;

/** Wires every part of a server but its transports. Nothing runs yet: the caller opens the store, starts the hub, then the jobs. */
export function assemble(parts: AssemblyParts) {
  const core = assembleCore(parts);
  return { ...core, ...assembleAdmission(core, parts) };
}

/** Assembles the core: the way from the store's commits to sessions, the context of the commands, and the jobs. */
function assembleCore(given: AssemblyParts) {
  const { store, broker, ephemeral, clock, telemetry, limits, options = {}, gapMs = 50, leaseMs = 15_000 } = given;
  const { counters = new Counters() } = given;
  store.onBatch((batch) => {
    broker.publish(batch);
    counters.published += batch.to - batch.from + 1;
  });
  logFailures(store, { clock, telemetry });
  const hub = new Hub({ store, broker, clock, telemetry, counters, gapMs, holdLimit: 1_000 });
  const watch = new ChangeWatcher(clock);
  hub.join(anyTopic, watch);
  const registry = registryFor(limits, { store, clock, telemetry, counters });
  const roles = new RoleDirectory({ store, hub, clock, lookback: limits.roleLookbackMs });
  const revocations = new Revocations({ store, sessions: registry, clock });
  const catchUps = new CatchUps(
    { atOnce: limits.openCatchUps, perUser: limits.openCatchUpsPerUser, stallMs: limits.catchUpStallMs },
    { clock, counters },
  );
  const node = newId('n', clock.now());
  const presence = new NodeUsers(node, { registry, ephemeral, clock, telemetry });
  const rooms = roomParts({
    ...{ node, store, hub, registry, ephemeral, clock, telemetry, counters, limits },
    ...{ options: options.rooms ?? {}, nodes: presence.nodes },
  });
  const linked = new NotificationLinks(clock);
  const tasks = new TaskService(store, clock, linked, limits.maxDataBytes);
  const logFeeds = new LogFeeds({
    ...{ node, store, ephemeral, watch, counters },
    mayRead: (person, task) => mayRead(context, person, task),
    failed: (error) => telemetry.emit({ type: 'failure', where: 'task log', error }),
  });
  const taskLogs = new TaskLogs({
    ...{ store, clock, counters, added: (taskId, seq) => logFeeds.added(taskId, seq) },
    limits: { entryBytes: limits.taskLogEntryBytes, bytes: limits.taskLogBytes },
  });
  const definitions = new TaskDefinitions();
  const runner = new LocalRunner({
    queue: new StoredTaskQueue({ store, tasks, clock, leaseMs }),
    ...{
      definitions,
      store,
      tasks,
      logs: taskLogs,
      linked,
      watch,
      clock,
      telemetry,
      concurrency: limits.taskConcurrency,
    },
    prepare: (input) => prepare(context, inProcessCaller, readJson(input, 'question')).write,
    read: { start: readStart, progress: readProgress, log: readLog, chunk: readChunk, json: readJson },
    within: (owner, run) => sender.withNotificationUser(owner, run),
  });
  const { callbacks, webhooks } = callbackParts(options, { store, clock, telemetry });
  const requestLimits = new RequestLimits(
    {
      actions: { burst: limits.actionBurst, perSecond: limits.actionsPerSecond },
      work: { burst: limits.workBurst, perSecond: limits.workPerSecond },
      apiKeyWork: { burst: limits.apiKeyWorkBurst, perSecond: limits.apiKeyWorkPerSecond },
      refusals: { burst: limits.refusalBurst, perSecond: limits.refusalsPerSecond },
      documentMessages: { burst: limits.documentMessageBurst, perSecond: limits.documentMessagesPerSecond },
    },
    clock,
    counters.refused,
  );
  const searches = new Searches(
    { perUser: limits.searchesPerUser, atOnce: limits.searchesAtOnce, timeoutMs: limits.searchTimeoutMs },
    clock,
    counters.refused,
  );
  const context: CommandContext = {
    ...{ store, tasks, taskLogs, clock, telemetry, presence, runner, roles, sessions: revocations, watch, callbacks },
    ...{ limits: requestLimits, searches, health: { read: () => health.cluster.ask() } },
    rooms: {
      rightOf: (...question) => rooms.roomRights.rightOf(...question),
      broadcast: (topic, frame) => rooms.roomChannels.broadcast(topic, frame),
      presence: (topic) => rooms.presenceService.read(topic),
      setPresence: (...said) => rooms.presenceService.say(...said),
    },
    ...{ adminRole: options.auth?.adminRole ?? 'admin', maxDataBytes: limits.maxDataBytes },
    ...{ stateKeysPerRoom: limits.stateKeysPerRoom, presenceStateBytes: limits.presenceStateBytes },
    ...{ documents: rooms.documentVersions, versionNameLength: limits.versionNameLength },
  };
  const sender: Sender = createSenderOver(inProcessPort(context));
  const outbox = new TransactionalOutbox(store, context, counters);
  const dueJobs = new DueJobs(store);
  const health = healthParts({
    ...{ node, store, broker, ephemeral, hub, registry, catchUps, presence, roles, clock, telemetry, limits, leaseMs },
    adminRole: context.adminRole,
    runnerPolls: () => scheduler.counts().tasks as { runs: number; failures: number },
    hasOutbound: webhooks !== null,
    location: given.location ?? null,
  });
  const alerts = new HealthAlerts(health.monitor, {
    ...{ node, adminRole: context.adminRole },
    send: {
      notify: (input) => notify(context, inProcessCaller, input),
      edit: (id, change) => editNotification(context, id, change),
    },
  });
  if (options.health?.alerts) health.history.onLost((incident) => alerts.lost(incident));
  const parts = {
    counters,
    health,
    alerts: options.health?.alerts ? alerts : null,
    store,
    broker,
    ephemeral,
    hub,
    watch,
    registry,
    roles,
    revocations,
    presence,
    tasks,
    runner,
    definitions,
    requestLimits,
    searches,
    catchUps,
    logFeeds,
    ...rooms,
  };
  const jobs = jobsOf({
    ...{ ...parts, context, limits, dueJobs, webhooks, outbox, leaseMs },
    rooms: options.rooms ?? {},
  });
  const report = () => {
    telemetry.emit({ type: 'jobs', counts: scheduler.counts() });
    telemetry.emit({ type: 'limits', refused: { ...counters.refused } });
  };
  const scheduler: Scheduler = new Scheduler([...jobs, { name: 'counts', everyMs: 60_000, run: report }], {
    ...{ clock, telemetry },
  });
  return { ...parts, context, sender, outbox, dueJobs, webhooks, scheduler };
}

/** Logs the database's own messages of its failures, which callers never receive. */
function logFailures(store: Store, { clock, telemetry }: Pick<AssemblyParts, 'clock' | 'telemetry'>): void {
  const limiter = new LogLimiter();
  store.onFailure(({ doing, error }) => {
    const more = limiter.take(`${doing} ${error.message}`, clock.now());
    const cause = reasonOf(error.cause ?? error);
    if (more) telemetry.emit({ type: 'store_failed', doing, reason: error.message, cause, ...more });
  });
}

type Core = ReturnType<typeof assembleCore>;

const registryFor = (limits: Limits, parts: RegistryParts): Registry =>
  new Registry(
    {
      ...{ pingIntervalMs: limits.pingIntervalMs, pongTimeoutMs: limits.pongTimeoutMs },
      ...{ maxConnections: limits.maxConnections, maxPerUser: limits.maxConnectionsPerUser },
      ...{ maxPerAddress: limits.maxConnectionsPerAddress, waitingBytesPerUser: limits.outboxBytesPerUser },
    },
    parts,
  );

/** The origins that answers may be posted to, and the webhooks that post them: null without a secret. */
function callbackParts(
  { callbacks: { secret, origins: allowed = [] } = {}, dev = false }: NonNullable<AssemblyParts['options']>,
  parts: Pick<AssemblyParts, 'store' | 'clock' | 'telemetry'>,
): { callbacks: CallbackOrigins; webhooks: Outbound | null } {
  const signature = secret === undefined ? null : new Signature(secret);
  const origins = new CallbackOrigins(allowed, { isDevelopment: dev, canSign: signature !== null });
  if (signature === null) return { callbacks: origins, webhooks: null };
  const http = new HttpClient(origins.allowsAddress);
  const channel = new WebhookChannel({ ...parts, origins, http, signature, timeoutMs: 10_000 });
  return { callbacks: origins, webhooks: new Outbound(channel, { ...parts, closeMs: 3_000 }) };
}

type JobParts = Omit<Core, 'scheduler' | 'sender'> & {
  limits: Limits;
  leaseMs: number;
  rooms: RoomOptions;
};

/** Everything that a server does by itself, again and again. */
function jobsOf(parts: JobParts): Job[] {
  const { store, hub, registry, revocations, presence, context, limits, runner, dueJobs, webhooks, outbox, catchUps } =
    parts;
  const { monitor, history, canary, abandonedRecords, viewers } = parts.health;
  const { roomFollowers, presencePeers, documents, documentFollowers } = parts;
  const retention = new Retention(store, {
    ...{ age: limits.notificationAgeMs, perTopic: limits.notificationsPerTopic },
    ...{ retractions: limits.retractionAgeMs, keys: limits.idempotencyWindowMs },
  });
  const { eventAgeMs, eventsPerRoom } = parts.rooms;
  const eventRetention = new EventRetention(store, {
    ...{ age: limits.roomEventAgeMs, perRoom: limits.eventsPerRoom },
    ...{ ageOfKind: eventAgeMs, perRoomOfKind: eventsPerRoom },
  });
  const logRetention = new TaskLogRetention(store, limits.taskLogAgeMs);
  const second = 1_000;
  return [
    { name: 'sessions', everyMs: second, run: () => registry.sweep() },
    { name: 'catch-ups', everyMs: second, run: () => catchUps.sweep() },
    { name: 'presence', everyMs: second, run: () => presence.announce() },
    { name: 'probe', everyMs: second, run: () => store.probe() },
    { name: 'rooms', everyMs: second, run: () => roomFollowers.sweep() },
    { name: 'task logs', everyMs: second, run: () => parts.logFeeds.sweep() },
    { name: 'documents', everyMs: second, run: () => documents.sweep() },
    { name: 'document rights', everyMs: second, run: () => documentFollowers.sweep(context.clock.now()) },
    ...(presencePeers
      ? [
          { name: 'room presence', everyMs: second, run: () => presencePeers.writeAll() },
          { name: 'room comparison', everyMs: 1.5 * second, run: () => presencePeers.compare() },
        ]
      : []),
    { name: 'hub', everyMs: second, run: () => hub.compare() },
    { name: 'revocations', everyMs: second, run: () => revocations.poll() },
    { name: 'due', everyMs: second, run: () => dueJobs.run() },
    // A heartbeat that fails is followed by another before the lease ends.
    { name: 'tasks', everyMs: parts.leaseMs / 3, run: () => runner.poll() },
    { name: 'outbox', everyMs: second / 2, run: () => outbox.run() },
    // Looks for what waits for another attempt, and for what another node has left.
    ...(webhooks ? [{ name: 'webhooks', everyMs: 5 * second, run: () => webhooks.wake() }] : []),
    { name: 'health', everyMs: second, run: () => monitor.probe() },
    { name: 'health viewers', everyMs: second, run: () => viewers.sweep() },
    { name: 'canary', everyMs: beatEveryMs, run: () => canary.run() },
    { name: 'abandoned canaries', everyMs: 60 * second, run: () => abandonedRecords.sweep() },
    { name: 'incidents', everyMs: second, run: () => history.step() },
    ...(parts.alerts ? [{ name: 'health alerts', everyMs: 5 * second, run: () => parts.alerts?.step() }] : []),
    { name: 'retention', everyMs: 60 * second, run: () => retention.step(context.clock.now()) },
    { name: 'task log retention', everyMs: 60 * second, run: () => logRetention.step(context.clock.now()) },
    { name: 'event retention', everyMs: 60 * second, run: () => eventRetention.step(context.clock.now()) },
  ];
}

/** Assembles the way in: authentication, admission and the endpoints. */
function assembleAdmission(
  { store, context, hub, registry, roles, revocations, requestLimits, counters, catchUps, health, ...core }: Core,
  { clock, telemetry, limits, options = {}, endpoints: moreEndpoints = [] }: AssemblyParts,
) {
  const { auth = {}, dev: isDev = false } = options;
  const proxies = new TrustedProxies(options.trustedProxies ?? []);
  const origins = new Origins(auth.allowedOrigins ?? [], isDev, proxies);
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
    { roles, revocations, clock, origins, proxies, telemetry },
  );
  const [reads, liveReads] = [new Turns(limits.catchUps), new Turns(limits.catchUps)];
  const unreadCounts = new UnreadCountRefresher({
    ...{ store, reads: liveReads, clock },
    failed: (error) => telemetry.emit({ type: 'failure', where: 'counts', error }),
  });
  const sessionParts: SessionParts = {
    ...{ hub, unreadCounts, flusher: new Flusher(), counters },
    unacknowledged: new Unacknowledged(),
    taskLogs: core.logFeeds,
    rooms: { rights: core.roomRights, channels: core.roomChannels, presence: core.presenceService },
    adminRole: context.adminRole,
    bufferedFrames: limits.holdFrames,
    limitWaitingBytes: (userId) => registry.limitWaitingBytes(userId),
    limits: {
      outboxBytes: limits.outboxBytes,
      ...{ topics: limits.maxTopics, topicsPerUser: limits.maxTopicsPerUser },
    },
  };
  const endpoints = sessionEndpoints({
    ...sessionParts,
    ...{ hub, registry, context, authenticator },
    recovery: { pageSize: limits.pageSize, recent: limits.recent, reads, liveReads },
    catchUps,
    actions: {
      ...{ early: limits.actionBurst, earlyBytes: 4 * limits.maxFrameBytes, maxFaults: 50 },
      count: (userId, bytes) => requestLimits.action(userId, bytes),
    },
  });
  const healthEndpoint = new HealthEndpoint({
    ...sessionParts,
    ...{ viewers: health.viewers, registry, authenticator, clock, telemetry },
    count: (userId, bytes) => requestLimits.action(userId, bytes),
  });
  const documentEndpoint = new DocumentEndpoint({
    ...sessionParts,
    ...{ documents: core.documents, followers: core.documentFollowers, registry, clock, telemetry },
    socketLimits: {
      ...{ outboxBytes: limits.documentOutboxBytes, awarenessBytes: limits.maxAwarenessBytes },
      earlyBytes: 2 * limits.maxDocumentUpdateBytes,
    },
    maxMessageBytes: limits.maxDocumentUpdateBytes + 1_024,
    countMessage: (userId, bytes) => requestLimits.documentMessage(userId, bytes),
    sessions: endpoints.rooms,
  });
  const admission = new Admission({
    ...{ authenticator, origins, registry, proxies, clock, telemetry, authenticateWithin: 10_000 },
    limits: requestLimits,
    ...{
      endpoints: [...moreEndpoints, documentEndpoint, ...Object.values(endpoints), healthEndpoint],
      refusals: new Refusals({ clock, telemetry }),
    },
  });
  const canarySessions = new CanarySessions(sessionParts, { node: core.presence.nodes.self, clock });
  return { proxies, origins, authenticator, admission, canarySessions };
}

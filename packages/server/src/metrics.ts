import type { Assembly } from './assembly.ts';
import { serverVersion } from './config/version.ts';
import type { Counters } from './telemetry/counters.ts';
import { processMetrics } from './telemetry/process-metrics.ts';
import type { Metric } from './telemetry/prometheus.ts';

/** All metrics of a server, read now. docs/metrics.md has them, and the sums that hold. */
export const metricsOf = (assembly: Assembly): Metric[] => [
  ...deliveryMetrics(assembly.counters),
  ...stateMetrics(assembly),
  ...healthMetrics(assembly),
  ...jobMetrics(assembly),
  ...processMetrics(),
];

const counter = (name: string, help: string, value: number): Metric => ({
  ...{ name: `tidings_${name}_total`, help, type: 'counter', value },
});

const gauge = (name: string, help: string, value: number): Metric => ({
  ...{ name: `tidings_${name}`, help, type: 'gauge', value },
});

/** The way of records, from those who send them to those who see them. */
function deliveryMetrics(counters: Counters): Metric[] {
  return [
    {
      ...{ name: 'tidings_accepted_total', help: 'Writes that were stored, and answered so.', type: 'counter' },
      ...{ label: 'kind', values: counters.accepted },
    },
    counter('duplicates', 'Writes that were stored before under the same idempotency key.', counters.duplicates),
    counter('outbox_refused', 'Rows of the outbox that were refused, and stay.', counters.outboxRefused),
    counter('committed', 'Changes that transactions of this process have stored.', counters.committed),
    counter('commit_failures', 'Transactions of callers that failed.', counters.failedCommits),
    {
      ...{ name: 'tidings_commit_duration_seconds', help: 'Time of a transaction.', type: 'histogram' },
      value: counters.commitDurations,
    },
    counter('document_updates', 'Updates of shared documents that were stored.', counters.documentUpdates),
    {
      ...{ name: 'tidings_document_versions_total', help: 'Versions of shared documents, by what was done.' },
      ...{ type: 'counter', label: 'change', values: counters.documentVersions },
    },
    counter('documents_deleted', 'Shared documents that were deleted.', counters.documentsDeleted),
    counter('task_log_entries', 'Entries that were added to logs of tasks.', counters.taskLogEntries),
    counter('task_log_bytes', 'Bytes of these entries, each with 100 more.', counters.taskLogBytes),
    counter('task_log_dropped', 'Times at which the middle of a log was removed.', counters.taskLogDropped),
    counter('task_log_frames', 'Frames with entries of logs, written to sessions.', counters.taskLogFrames),
    counter('presence_frames', 'Frames that say who is in a room, written to sessions.', counters.presenceFrames),
    counter('presence_conflated', 'Changes of presence that shared a frame.', counters.presenceConflated),
    counter('presence_skipped', 'Frames of presence that a slow session did not take.', counters.presenceSkipped),
    counter('published', 'Changes that were handed to the broker.', counters.published),
    counter('released', 'Changes that were released in order, wherever they were stored.', counters.released),
    counter('released_from_store', 'Released changes that the broker had not brought.', counters.releasedFromStore),
    counter('recipients', 'Released changes, once for each session that follows them.', counters.recipients),
    counter('hidden', 'Recipients that may not see the change.', counters.hidden),
    counter('written', 'Live frames that were written to connections.', counters.written),
    counter('conflated', 'Live frames whose place a newer version of the record took.', counters.conflated),
    counter('missed', 'Live frames that a session did not get, and catches up on.', counters.missed),
    counter('replayed', 'Records of the store that were written to connections.', counters.replayed),
    counter('acknowledged', 'Written records that are known to have arrived.', counters.acknowledged),
    counter('seen', 'Notifications that a user has seen or read for the first time.', counters.seen),
    {
      ...{ name: 'tidings_catch_up_duration_seconds', help: 'Time of a catch-up.', type: 'histogram' },
      value: counters.catchUpDurations,
    },
    {
      ...{ name: 'tidings_sessions_opened_total', help: 'Sessions that have begun.', type: 'counter' },
      ...{ label: 'transport', values: counters.opened },
    },
    {
      ...{ name: 'tidings_refused_total', help: 'Requests and connections that exceeded a limit.', type: 'counter' },
      ...{ label: 'limit', values: counters.refused },
    },
  ];
}

/** The state of the server, and what waits in it. */
function stateMetrics({
  store,
  broker,
  hub,
  registry,
  catchUps,
  searches,
  requestLimits,
  documents,
  documentFollowers,
  presenceService,
}: Assembly): Metric[] {
  const presence = presenceService.census();
  const { sessions, waitingFrames } = registry.census();
  return [
    {
      ...{ name: 'tidings_info', help: 'The version of Tidings.', type: 'gauge' },
      ...{ label: 'version', values: { [serverVersion]: 1 } },
    },
    gauge('ready', 'Whether records can be stored: 1 or 0.', Number(store.health().ok)),
    gauge('broker_connected', 'Whether messages of other nodes arrive: 1 or 0.', Number(broker.health().ok)),
    gauge('head_rev', 'The newest rev that was released.', hub.position.rev),
    {
      ...{ name: 'tidings_sessions', help: 'Open sessions.', type: 'gauge', label: 'transport', values: sessions },
    },
    {
      ...{ name: 'tidings_limited_callers', help: 'Callers whose budget is not whole.', type: 'gauge' },
      ...{ label: 'limit', values: requestLimits.spending() },
    },
    gauge('open_documents', 'Shared documents that are open.', documents.size),
    gauge('document_connections', 'Connections to shared documents.', documentFollowers.size),
    gauge('presence_rooms', 'Rooms that sessions of this process follow, and are shown in.', presence.rooms),
    gauge('presence_members', 'Users in these rooms, on all nodes, once for each room.', presence.members),
    gauge('presence_watchers', 'Sessions that are sent who is there, once for each room.', presence.watchers),
    gauge('open_catch_ups', 'Catch-ups that are under way.', catchUps.open),
    {
      ...{ name: 'tidings_waiting', help: 'What waits, by the queue that it is in.', type: 'gauge', label: 'queue' },
      values: {
        writes: store.waitingWrites,
        early_batches: hub.held,
        frames: waitingFrames,
        catch_ups: catchUps.waiting,
        searches: searches.waiting,
      },
    },
  ];
}

/** The health of the components, and the canary's way: 0 ok, 1 degraded, 2 down. */
function healthMetrics({ health: { monitor, canary } }: Assembly): Metric[] {
  const { components } = monitor.view();
  const { commit_ms, hub_ms, websocket_ms, sse_ms, long_poll_ms } = canary.view();
  const stages = { commit: commit_ms, hub: hub_ms, websocket: websocket_ms, sse: sse_ms, long_poll: long_poll_ms };
  return [
    {
      ...{ name: 'tidings_component_state', help: 'Health of a component: 0 ok, 1 degraded, 2 down.', type: 'gauge' },
      ...{ label: 'component', values: mapped(components, ({ state }) => ['ok', 'degraded', 'down'].indexOf(state)) },
    },
    counter('canary_sent', 'Canary records that were sent through all of this process.', canary.counts.sent),
    counter('canary_lost', 'Those that did not arrive on every transport within 4 s.', canary.counts.lost),
    {
      ...{ name: 'tidings_canary_duration_seconds', help: 'Time until a canary record has arrived on all.' },
      ...{ type: 'histogram', value: canary.durations },
    },
    {
      ...{ name: 'tidings_canary_last_seconds', help: 'Time until the last one was there; none where it is not.' },
      ...{ type: 'gauge', label: 'stage', values: mapped(present(stages), (ms) => ms / 1_000) },
    },
  ];
}

const present = (values: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null));

const mapped = <T>(values: Readonly<Record<string, T>>, map: (value: T) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));

function jobMetrics({ scheduler }: Assembly): Metric[] {
  const counts = Object.entries(scheduler.counts());
  const of = (read: 'runs' | 'failures') => Object.fromEntries(counts.map(([name, count]) => [name, count[read]]));
  return [
    {
      ...{ name: 'tidings_job_runs_total', help: 'Runs of what the server repeats.', type: 'counter' },
      ...{ label: 'job', values: of('runs') },
    },
    {
      ...{ name: 'tidings_job_failures_total', help: 'Runs that failed.', type: 'counter' },
      ...{ label: 'job', values: of('failures') },
    },
  ];
}

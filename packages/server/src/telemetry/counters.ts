import { Histogram } from './histogram.ts';

/** A way on which a session reaches its client. */
export type Transport = 'websocket' | 'sse' | 'long_poll';

/** The bounds of durations, seconds. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Totals of one process since its start: plain numbers, which cost their increment and are read when somebody asks. docs/metrics.md says
 * which sums of them hold at rest.
 */
export class Counters {
  /** Writes that were stored, and whose callers were answered so, by the kind of record that they change. */
  readonly accepted = { notification: 0, task: 0, answer: 0, receipt: 0 };
  /** Writes that were answered by what the same idempotency key had stored before. */
  duplicates = 0;
  /** Rows of the outbox that cannot be published. */
  outboxRefused = 0;
  /** Notifications that a user has seen or read for the first time, by an action that names them. */
  seen = 0;
  /** Changes that transactions of this process have stored: the revs that they took. */
  committed = 0;
  /** Transactions of callers that failed. */
  failedCommits = 0;
  /** The time of a transaction, from its hand-over to the database to its answer. */
  readonly commitDurations = new Histogram(durations);

  /** Updates of shared documents that transactions of this process have stored. */
  documentUpdates = 0;
  /** Versions of shared documents that somebody has saved, given another name, restored or removed here; not those that the server makes and drops. */
  readonly documentVersions = { saved: 0, renamed: 0, restored: 0, removed: 0 };
  /** Shared documents that were deleted here. */
  documentsDeleted = 0;

  /** Entries that were added to logs of tasks by transactions of this process. */
  taskLogEntries = 0;
  /** Their size, where each counts 100 bytes beside its text. */
  taskLogBytes = 0;
  /** Times at which this process has removed the middle of a log. */
  taskLogDropped = 0;
  /** Frames with entries of logs that were written to sessions. */
  taskLogFrames = 0;

  /** Frames of presence that were written to sessions. */
  presenceFrames = 0;
  /** Changes of who is in a room, or does what there, that were sent with others in one frame, or were over before it. */
  presenceConflated = 0;
  /** Frames of presence that a session did not take: it is sent everybody as soon as it keeps up. */
  presenceSkipped = 0;

  /** Changes that were handed to the broker. */
  published = 0;
  /** Revs that the hub has released, wherever they were committed. */
  released = 0;
  /** Those of them that were read from the store, since the broker had not brought them. */
  releasedFromStore = 0;

  /** Released changes, once for each session that follows one of their topics. */
  recipients = 0;
  /** Recipients that may not see the change. */
  hidden = 0;
  /** Recipients that a live frame was written for to their connection. */
  written = 0;
  /** Recipients of a frame that waited for a slow reader until a newer version of the record took its place. */
  conflated = 0;
  /** Recipients that got no live frame: they were sent the record from the store, or will be when they come back. */
  missed = 0;
  /** Records of the store that were written to connections: what was missed, and snapshots. */
  replayed = 0;
  /** Records that were written and have arrived: their client has answered a ping since, or come back with the cursor behind them. */
  acknowledged = 0;

  /** The time of a catch-up, from the admission of its session to `synced`. */
  readonly catchUpDurations = new Histogram(durations);
  /** Sessions that have begun, by transport. */
  readonly opened: Record<Transport, number> = { websocket: 0, sse: 0, long_poll: 0 };

  /** Requests, connections and subscriptions that were refused, and connections that were closed, by the limit that they exceeded. */
  readonly refused = {
    actionsPerSecond: 0,
    workPerSecond: 0,
    apiKeyWorkPerSecond: 0,
    refusalsPerSecond: 0,
    maxConnections: 0,
    maxConnectionsPerUser: 0,
    maxConnectionsPerAddress: 0,
    maxTopics: 0,
    maxTopicsPerUser: 0,
    maxFrameBytes: 0,
    outboxBytes: 0,
    outboxBytesPerUser: 0,
    catchUpStallMs: 0,
    searchesPerUser: 0,
    documentMessagesPerSecond: 0,
    documentOutboxBytes: 0,
  };
}

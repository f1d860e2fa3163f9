import type { ConsumerStore, DeliveryBacklog, DeliveryStore } from './deliveries.ts';
import type { PortHealth } from './port-health.ts';
import type { CatchUpStore, DeliveredMarks, TopicStore } from './store/catch-up.ts';
import type { CommitStore, CommittedBatches, DatabaseTime, StoreHealth, StoreLifecycle } from './store/commits.ts';
import type { DocumentVersionStore } from './store/document-versions.ts';
import type { DocumentStore } from './store/documents.ts';
import type { CanaryStore, IncidentStore } from './store/health.ts';
import type { HistoryStore } from './store/history.ts';
import type { CountStore, InboxStore } from './store/inbox.ts';
import type { OutboxStore } from './store/outbox.ts';
import type { PresenceStore } from './store/presence.ts';
import type { AnswerStore, KeyStore, RecordStore, TaskStore } from './store/records.ts';
import type { RetentionStore } from './store/retention.ts';
import type { RevocationStore } from './store/revocations.ts';
import type { RoomStore } from './store/rooms.ts';
import type { RunnerStore } from './store/runners.ts';
import type { DueItemStore, ScheduleStore } from './store/schedule.ts';
import type { TaskLogStore } from './store/task-logs.ts';
import type { UsernameStore, UserStore } from './store/users.ts';
import type { Batch } from './writes.ts';

/**
 * The truth, whole, for the server's assembly: each of its parts asks for the port that it uses. All reads and writes run off the event
 * loop; every read is one snapshot of the database.
 */
export interface Store
  extends StoreLifecycle,
    StoreHealth,
    DatabaseTime,
    CommitStore,
    CommittedBatches,
    HistoryStore,
    CatchUpStore,
    TopicStore,
    DeliveredMarks,
    InboxStore,
    CountStore,
    RecordStore,
    KeyStore,
    TaskStore,
    RunnerStore,
    RoomStore,
    DocumentStore,
    DocumentVersionStore,
    TaskLogStore,
    PresenceStore,
    IncidentStore,
    CanaryStore,
    AnswerStore,
    UserStore,
    UsernameStore,
    ScheduleStore,
    DueItemStore,
    RetentionStore,
    OutboxStore,
    RevocationStore,
    ConsumerStore,
    DeliveryStore,
    DeliveryBacklog {}

/**
 * A fast hint: notifies the hub of every node of each committed batch. This node's own batches come whole and at once, by `onBatch`; those
 * of other nodes come whole too, or by `onHint` as what is to be read from the store.
 * It may lose, repeat, reorder or delay both; it never alters one.
 */
export interface Broker {
  publish(batch: Batch): void;
  onBatch(listener: (batch: Batch) => void): void;
  onHint(listener: (hint: Hint) => void): void;
  /** Not ok if nothing arrives from other nodes: their batches come later, from the store. */
  health(): PortHealth;
  close(): Promise<void>;
}

/** `committed`: these revs are stored. `missed`: batches may have been lost up to now, and the store's head tells which. */
export type Hint = { kind: 'committed'; term: string; from: number; to: number } | { kind: 'missed' };

/** The most that one message of `Ephemeral` holds, bytes of UTF-8. */
export const ephemeralMessageBytes = 7_000;

/**
 * Named channels between nodes, for what is never stored: presence, cursors, typing, questions from node to node.
 * A message reaches each subscriber of its channel, on every node and the publisher's own, once at most. It may be lost, late or out of
 * order; it is never altered, repeated or replayed. Who needs an answer waits for it, and goes on without it.
 */
export interface Ephemeral {
  /** Sends text of at most `ephemeralMessageBytes`; more is a RangeError. Never waits, and gives no sign whether it arrived. */
  publish(channel: string, text: string): void;
  /** Delivers what is published from about now on. @returns what ends the subscription */
  subscribe(channel: string, listener: (text: string) => void): () => void;
  /** Not ok if messages do not reach other nodes, or theirs do not reach this one. */
  health(): PortHealth;
  /** Delivers and sends nothing any more. */
  close(): Promise<void>;
}

/** Time, which tests hold. */
export interface Clock {
  /** Epoch milliseconds. The machine's clock may be set to another time: it says when something was, and not for how long. */
  now(): number;
  /** Milliseconds since some beginning, by a clock that nobody sets: two of them are a duration. */
  monotonic(): number;
  /** Calls back once, in `ms` milliseconds, however many. @returns cancels it */
  after(ms: number, call: () => void): () => void;
}

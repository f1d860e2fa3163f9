import type { ConsumerStore, DeliveryStore } from './deliveries.ts';
import type {
  Counts,
  Due,
  FreshQuery,
  Head,
  InboxPage,
  InboxQuery,
  OutboxItem,
  Page,
  PageQuery,
  PersonalChange,
  Revocation,
  ScheduledQuery,
  StoredRecord,
  StoredUser,
  TaskQuery,
} from './queries.ts';
import type { Batch, Change, Outcome, Write } from './writes.ts';

export type * from './queries.ts';
export type * from './writes.ts';

/**
 * The truth. Guarantees:
 * - a write's outcome is told after the transaction that holds it was fsynced; an unknown outcome is an error;
 * - revs are given in commit order without gaps; batches are told to `onBatch` once each, in rev order;
 * - every read is one snapshot of the database.
 * All reads and writes run off the event loop.
 */
export interface Store extends ConsumerStore, DeliveryStore {
  /** Opens or creates the database, begins a new term, and tells where the sequence stands. */
  open(): Promise<Head>;
  /** Stores writes; they may share a transaction with others'. With `atomic` either all of them are stored or none. */
  commit(writes: readonly Write[], options?: { atomic?: boolean }): Promise<Outcome[]>;
  /** Hears every batch this process commits. */
  onBatch(listener: (batch: Batch) => void): void;
  /** With the first rev of the present term. */
  head(): Promise<Head & { termFrom: number }>;
  /**
   * The changes left of the revs `from..to`: fewer changes than revs where records have moved on. With the term that each rev belongs to,
   * and the head at that moment: revs past it are not stored, or not on the server that answered.
   */
  range(from: number, to: number): Promise<{ head: number; termAt: (rev: number) => string; changes: Change[] }>;
  changesSince(query: PageQuery): Promise<Page>;
  fresh(query: FreshQuery): Promise<Page>;
  /** The newest records of topics, so many of each, oldest first; of shared ones as a user sees them, with this user's receipts. */
  current(
    topics: readonly string[],
    limit: number,
    userId: string,
  ): Promise<{ head: number; changes: PersonalChange[]; since: Page['since'] }>;
  inbox(query: InboxQuery): Promise<InboxPage>;
  record(id: string): Promise<StoredRecord | null>;
  tasks(query: TaskQuery): Promise<StoredRecord[]>;
  /** One user's counts, with the rev as of which they are exact: of what the user hears then, whoever asks. */
  counts(userId: string): Promise<Counts & { asOf: number }>;
  scheduled(query: ScheduledQuery): Promise<StoredRecord[]>;
  /** What is due by the store's clock, soonest first. */
  due(limit: number): Promise<Due>;
  /** Answers past a rev, oldest first: records of their own, which stay at the rev at which they were given. */
  answered(after: number, limit: number): Promise<StoredRecord[]>;
  user(userId: string): Promise<StoredUser | null>;
  username(userId: string): Promise<string | null>;
  userId(username: string): Promise<string | null>;
  /** Remembers up to which rev personal records were written to a session of each user. Not durable at once. */
  delivered(marks: ReadonlyMap<string, number>): Promise<void>;
  /** Notifications, and answers, that were last changed in `after..upTo`, oldest first. */
  notificationsBetween(after: number, upTo: number, limit: number): Promise<StoredRecord[]>;
  /** The rev that had been reached at a time, epoch milliseconds, to the minute; 0 where that is not known. */
  revAt(at: number): Promise<number>;
  /** Of the topic that follows a name, what is not among its `newest` notifications; null where no topic follows. */
  beyond(topic: string, newest: number, limit: number): Promise<{ topic: string; ids: string[] } | null>;
  /** Forgets retractions from before a time, and raises the floor over them in the same transaction. @returns how many */
  forgetRetractions(before: number, limit: number): Promise<number>;
  /** Forgets idempotency keys from before a time. */
  forgetKeys(before: number, limit: number): Promise<void>;
  /** Whether applications can leave notifications in transactions of their own. */
  readonly hasOutbox: boolean;
  /** Takes what they left, oldest first, so that for `lease` ms nobody else takes any; [] where another node has some. */
  takeOutbox(limit: number, lease: number): Promise<OutboxItem[]>;
  /** Says why one cannot be published. It stays, and is not taken again. */
  refuseOutbox(id: number, reason: string): Promise<void>;
  /** Remembers who is to be let in no more. Durable. */
  revoke(revocation: Revocation): Promise<void>;
  /** What was revoked since, oldest first, with the place to go on from. */
  revocations(after: number): Promise<{ items: Revocation[]; upTo: number }>;
  /**
   * Asks the database whether it could be read and written now, and keeps the answer for `health`. Cheap; resolves within two seconds
   * whatever the database does, and never rejects. A call while one is under way does nothing.
   */
  probe(): Promise<void>;
  /** Ok where the last probe and the last commit succeeded; else the reason. */
  health(): PortHealth;
  /** Waits for what was accepted, then closes the database. */
  close(): Promise<void>;
}

/**
 * A fast hint: tells the hub of every node of each committed batch. This node's own batches come whole and at once, by `onBatch`; those
 * of other nodes come whole too, or by `onHint` as what is to be read from the store.
 * It may lose, repeat, reorder or delay both; it never alters one.
 */
export interface Broker {
  publish(batch: Batch): void;
  onBatch(listener: (batch: Batch) => void): void;
  onHint(listener: (hint: Hint) => void): void;
  /** Not ok where nothing arrives from other nodes: their batches come later, from the store. */
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
  /** Sends text of at most `ephemeralMessageBytes`; more is a RangeError. Never waits, and never tells whether it arrived. */
  publish(channel: string, text: string): void;
  /** Delivers what is published from about now on. @returns what ends the subscription */
  subscribe(channel: string, listener: (text: string) => void): () => void;
  /** Not ok where messages do not reach other nodes, or theirs do not reach this one. */
  health(): PortHealth;
  /** Delivers and sends nothing any more. */
  close(): Promise<void>;
}

/** How a port is now; with the reason, in words for who runs the server, where it is not well. */
export interface PortHealth {
  ok: boolean;
  reason: string | null;
}

/** Time, which tests hold. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once, in `ms` milliseconds. @returns cancels it */
  after(ms: number, call: () => void): () => void;
}

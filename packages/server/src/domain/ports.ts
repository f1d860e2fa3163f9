import type { Receipt } from '@tidings/protocol';

/** What a record is. Each kind has its rules in a folder of its own beside this file. */
type RecordKind = 'notification' | 'task' | 'receipts' | 'room_event';

/**
 * One record as it stands after a commit.
 * `body` is the JSON text of its frame but for `rev`, made once, when the change is made.
 */
export interface Change {
  rev: number;
  id: string;
  kind: RecordKind;
  /** Who hears of it: `user:42`, `role:admin`, `everyone`, `task:t1`, ... */
  topics: readonly string[];
  audience: Audience;
  body: string;
}

/**
 * The users who alone may see a record, whatever topic they follow; null where the topic is the only condition.
 * `former` could see an earlier version, and are told that it is retracted: users, or `anyone` where it was open to all;
 * `leaving` are those of them whom this very change has shut out.
 */
export type Audience = {
  users: readonly string[];
  former: readonly string[] | 'anyone';
  leaving: readonly string[] | 'anyone';
} | null;

/** What one commit stored: the revs `from..to`, all of them taken by these changes, in rev order. */
export interface Batch {
  term: string;
  from: number;
  to: number;
  changes: readonly Change[];
}

/** Stores a record, new or as a new version of what is there. */
export interface PutWrite {
  op: 'put';
  id: string;
  kind: RecordKind;
  /** A topic `username:<name>` is replaced by the topic of the user who has that name, where one is known. */
  topics: readonly string[];
  audience: Audience;
  body: string;
  /** The domain's own JSON of the record, never sent to clients. */
  state: string | null;
  /** Counts as unread, from this rev on, for everybody who hears it. */
  alert: boolean;
  /** The rev the record must have now, null where there must be none; undefined: whatever. Else the outcome is `stale`. */
  expect?: number | null;
  owner: string | null;
  status: string | null;
  /** The application's own id of it; `mark_read` takes either. */
  externalId: string | null;
  /** Epoch milliseconds. */
  at: number;
  /** The same key with the same hash again is answered `duplicate` and stores nothing. */
  key: { key: string; hash: string } | null;
}

/** Says what a user did with notifications. */
export interface ReceiptWrite {
  op: 'receipt';
  userId: string;
  /** Topics the user's inbox is made of. */
  topics: readonly string[];
  /** Notifications, by their ids or the application's own; those that are not in these topics are passed over. Empty with `upTo`. */
  ids: readonly string[];
  /** Marks everything up to this rev as read. */
  upTo: number | null;
  mark: 'seen' | 'read';
  at: number;
}

/** Makes `username` the name of the user, and gives the user what waited for that name. */
export interface BindWrite {
  op: 'bind';
  userId: string;
  username: string;
}

export type Write = PutWrite | ReceiptWrite | BindWrite;

/** What became of one write, after the commit was fsynced. */
export type Outcome =
  | { status: 'stored'; id: string; rev: number }
  | { status: 'duplicate'; id: string; rev: number }
  | { status: 'mismatch' }
  | { status: 'stale'; rev: number | null }
  | { status: 'unchanged' }
  | { status: 'aborted' };

/** A record with what the domain keeps of it. */
export interface StoredRecord extends Change {
  state: string | null;
}

/** A change as one user is sent it on catching up. */
export interface PersonalChange extends Change {
  receipt: Receipt | null;
}

/** Where the one sequence stands. */
export interface Head {
  term: string;
  head: number;
  /** Cursors below it are too old: what was deleted since cannot be told any more. */
  floor: number;
}

/** One page of a catch-up, all of it read in one snapshot of the database. */
export interface Page extends Head {
  /** In rev order; each visible record once, as it is now. */
  changes: PersonalChange[];
  /** There may be more past `upTo`. */
  full: boolean;
  /** The page holds everything up to here: the head, unless it is full. */
  upTo: { term: string; rev: number };
  /** Whether the cursor that was asked from belongs to this history; a page that is not recovered is empty. */
  recovered: boolean;
  unreadCount: number;
}

export interface PageQuery {
  userId: string;
  /** The topics to read. */
  topics: readonly string[];
  /** Those of them the user's inbox is made of, for the unread count. */
  inboxTopics: readonly string[];
  /** Read what is past this rev. */
  after: number;
  /** The cursor that is resumed from, checked against the history in the same snapshot. */
  cursor: { term: string; rev: number } | null;
  limit: number;
}

/** What a person without a cursor is sent: the newest unread, and what was never written to a session of theirs. */
export interface FreshQuery {
  userId: string;
  /** The topics to read. */
  topics: readonly string[];
  /** Those of them the user's inbox is made of, for the unread count. */
  inboxTopics: readonly string[];
  /** How many of the newest unread. */
  unread: number;
  /** How many of the undelivered personal records, oldest first. */
  limit: number;
}

export interface InboxQuery {
  userId: string;
  topics: readonly string[];
  /** Only what is older than this rev. */
  before: number | null;
  limit: number;
}

export interface InboxPage {
  items: PersonalChange[];
  nextBefore: number | null;
  unreadCount: number;
}

export interface TaskQuery {
  owner: string | null;
  status: string | null;
  before: number | null;
  limit: number;
}

/**
 * The truth. Guarantees:
 * - a write's outcome is told after the transaction that holds it was fsynced; an unknown outcome is an error;
 * - revs are given in commit order without gaps; batches are told to `onBatch` once each, in rev order;
 * - every read is one snapshot of the database.
 * All reads and writes run off the event loop.
 */
export interface Store {
  /** Opens or creates the database, begins a new term, and tells where the sequence stands. */
  open(): Promise<Head>;
  /** Stores writes; they may share a transaction with others'. With `atomic` either all of them are stored or none. */
  commit(writes: readonly Write[], options?: { atomic?: boolean }): Promise<Outcome[]>;
  /** Hears every batch this process commits. */
  onBatch(listener: (batch: Batch) => void): void;
  /** With the first rev of the present term. */
  head(): Promise<Head & { termFrom: number }>;
  /** What is left of the revs `from..to`: fewer changes than revs where records have moved on. */
  range(from: number, to: number): Promise<{ term: string; changes: Change[] }>;
  changesSince(query: PageQuery): Promise<Page>;
  fresh(query: FreshQuery): Promise<Page>;
  /** The newest records of one topic, oldest first. */
  current(topics: readonly string[], limit: number): Promise<{ head: number; changes: Change[] }>;
  inbox(query: InboxQuery): Promise<InboxPage>;
  record(id: string): Promise<StoredRecord | null>;
  tasks(query: TaskQuery): Promise<StoredRecord[]>;
  username(userId: string): Promise<string | null>;
  userId(username: string): Promise<string | null>;
  /** Remembers up to which rev personal records were written to a session of each user. Not durable at once. */
  delivered(marks: ReadonlyMap<string, number>): Promise<void>;
  /** Whether commits succeed at present, and if not why. */
  health(): { ok: boolean; reason: string | null };
  /** Waits for what was accepted, then closes the database. */
  close(): Promise<void>;
}

/**
 * A fast hint: carries each committed batch to the hub of every node.
 * It may lose, repeat, reorder or delay batches; it never alters one.
 */
export interface Broker {
  publish(batch: Batch): void;
  onBatch(listener: (batch: Batch) => void): void;
  close(): Promise<void>;
}

/** Time, so that tests hold it. Epoch milliseconds. */
export interface Clock {
  now(): number;
}

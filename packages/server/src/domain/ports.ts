import type { Receipt } from '@tidings/protocol';

/** What a record is. Each kind has its rules in a folder of its own beside this file. */
type RecordKind = 'notification' | 'retracted' | 'answer' | 'task' | 'receipts' | 'audience' | 'room_event';

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
  /** The rev at which it last asked for attention on these topics; 0 where it never does. */
  alertRev: number;
  /** Whether counts may have changed in a way its frame does not tell: it was retracted, has expired, or asks again. */
  recount: boolean;
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
  /**
   * `ask`: counts as unread, from this rev on, for everybody who hears it; `keep`: as it was; `never`: is in nobody's inbox.
   * On a topic that is new to a record `keep` asks.
   */
  alert: 'ask' | 'keep' | 'never';
  /** Shown, but not counted as unread any more. */
  expired: boolean;
  /** Empty for none. */
  category: string;
  /** The type of its frame, where it belongs into an inbox. */
  type: string | null;
  /** What a text search looks into, folded. */
  search: string | null;
  /** When it is to be looked at by the clockwork, epoch milliseconds by the store's clock: released, or expired. */
  dueAt: number | null;
  /**
   * With `ask`: another live notification that was stored with the same text is renewed in place of a new one being stored,
   * unless it is one user's alone, who has read it. The outcome then names that record, and its id stands in `body` and
   * `state`; it is neither put away nor snoozed any more.
   */
  collapse: string | null;
  /** The rev the record must have now, null where there must be none; undefined: whatever. Else the outcome is `stale`. */
  expect?: number | null;
  owner: string | null;
  /** Of a task its status; of a notification `scheduled` or `answered`, or null; of an answer `answer`. */
  status: string | null;
  /** The application's own id of it; `mark_read` takes either. */
  externalId: string | null;
  /** When it was published, epoch milliseconds. */
  at: number;
  /** The same key with the same hash again is answered `duplicate` and stores nothing. */
  key: { key: string; hash: string } | null;
  /** What is to be posted to an address, once this is stored. */
  callback?: { url: string; body: string };
}

/**
 * What a user does with notifications; `return` is what the clockwork does with one whose snooze has ended: it names one at a
 * time, since the rev of it is the notification's new place in the list.
 */
export type Mark = 'seen' | 'read' | 'unread' | 'archive' | 'unarchive' | 'snooze' | 'unsnooze' | 'return';

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
  mark: Mark;
  /** With `snooze`: when it comes back, epoch milliseconds. */
  until: number | null;
  at: number;
}

/** Makes `username` the name of the user, and gives the user what waited for that name. */
export interface BindWrite {
  op: 'bind';
  userId: string;
  username: string;
}

/**
 * Says what shared topics a user hears, as the newest evidence has it. Evidence older than what is stored changes nothing.
 * Topics gained and lost are changes the user's sessions hear, each at a rev of its own.
 */
export interface RightsWrite {
  op: 'rights';
  userId: string;
  roles: readonly string[];
  /** Roles' topics and everyone's. */
  topics: readonly string[];
  /** When the evidence was issued, epoch milliseconds. */
  issuedAt: number;
  /** Of a topic that is new to the user, what was published before this is not shown. Epoch milliseconds. */
  since: number;
  at: number;
}

export type Write = PutWrite | ReceiptWrite | BindWrite | RightsWrite;

/**
 * What became of one write, after the commit was fsynced. Of receipts also how many they changed, and which of the ids they named
 * are in none of the user's topics.
 */
export type Outcome =
  | { status: 'stored'; id: string; rev: number; collapsed?: true; marked?: number; missing?: readonly string[] }
  | { status: 'duplicate'; id: string; rev: number }
  | { status: 'mismatch' }
  | { status: 'stale'; rev: number | null }
  | { status: 'unchanged'; missing?: readonly string[] }
  | { status: 'aborted' };

/** A record with what the domain keeps of it. */
export interface StoredRecord extends Change {
  state: string | null;
  status: string | null;
  externalId: string | null;
  category: string;
  collapse: string | null;
  expired: boolean;
  dueAt: number | null;
  /** Epoch milliseconds. */
  at: number;
}

/** Unread notifications of one user: in all, and in each category that has any. */
export interface Counts {
  unread: number;
  categories: Readonly<Record<string, number>>;
}

/** What is known of a user. */
export interface StoredUser {
  username: string | null;
  /** As the newest evidence has it; null where none was seen. */
  roles: readonly string[] | null;
  /** When that was issued, epoch milliseconds. */
  rolesAt: number;
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
  /** As of `head`. */
  counts: Counts;
  /** Who asks, as is known in this snapshot. */
  user: StoredUser | null;
}

export interface PageQuery {
  userId: string;
  /** The topics to read. */
  topics: readonly string[];
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
  /** How many of the newest unread. */
  unread: number;
  /** How many of the undelivered personal records, oldest first. */
  limit: number;
}

export interface InboxQuery {
  userId: string;
  topics: readonly string[];
  /** Only what asked for attention before this rev. */
  before: number | null;
  limit: number;
  view: 'inbox' | 'archived' | 'snoozed';
  /** Only unread, or only read; null for both. */
  unread: boolean | null;
  category: string | null;
  type: string | null;
  /** Published in `since..until`, epoch milliseconds, `until` left out. */
  since: number | null;
  until: number | null;
  /** Folded text that title, message or file name must contain. */
  text: string | null;
}

/** A filtered page may be short, even empty, with more to come: how far one page looks is bounded. */
export interface InboxPage {
  items: PersonalChange[];
  nextBefore: number | null;
  counts: Counts;
  /** The rev as of which all of it is exact. */
  asOf: number;
}

/** What waits to be released, soonest first. */
export interface ScheduledQuery {
  /** Only what is due after this place. */
  after: { dueAt: number; id: string } | null;
  limit: number;
}

/** What is due by the store's clock. */
export interface Due {
  /** The store's clock, epoch milliseconds. */
  now: number;
  records: StoredRecord[];
  snoozed: { userId: string; recordId: string }[];
  /** Whether there may be more. */
  full: boolean;
}

/** What is to be posted to an address. */
export interface Callback {
  id: string;
  /** Of the record it came with. */
  rev: number;
  url: string;
  body: string;
  /** How often it was tried before. */
  attempts: number;
  /** Epoch milliseconds. */
  at: number;
}

/** Who is to be let in no more. */
export interface Revocation {
  kind: 'user' | 'token' | 'session' | 'disconnect_user' | 'disconnect_session';
  value: string;
  reason: string;
  /** Epoch milliseconds. */
  at: number;
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
  /** The newest records of topics, so many of each, oldest first; of shared ones as a user sees them, with this user's receipts. */
  current(
    topics: readonly string[],
    limit: number,
    userId: string,
  ): Promise<{ head: number; changes: PersonalChange[] }>;
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
  /** Takes callbacks whose turn it is, so that for `lease` ms nobody else takes them. */
  takeCallbacks(limit: number, lease: number): Promise<Callback[]>;
  /** A callback was answered (null), or is to be tried again at a time, epoch milliseconds by the store's clock. */
  settleCallback(id: string, again: number | null): Promise<void>;
  /** Remembers who is to be let in no more. Durable. */
  revoke(revocation: Revocation): Promise<void>;
  /** What was revoked since, oldest first, with the place to go on from. */
  revocations(after: number): Promise<{ items: Revocation[]; upTo: number }>;
  /** Where the last commit failed, tries whether one would succeed now, so that a node that is sent nothing meanwhile gets well. */
  probe(): Promise<void>;
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

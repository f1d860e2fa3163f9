import type { Receipt } from '@tidings/protocol';
import type { Change } from './writes.ts';

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

/** A place in the history: a rev, and the term it belongs to. */
export interface Position {
  term: string;
  rev: number;
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
  /** Of each shared topic that is the user's, the rev past which what asks for attention on it is theirs too. */
  since: ReadonlyMap<string, number>;
  /** In rev order; each visible record once, as it is now. */
  changes: PersonalChange[];
  /** There may be more past `upTo`. */
  full: boolean;
  /** The page holds everything up to here: the head, unless it is full. */
  upTo: Position;
  /** Whether the cursor that was asked from belongs to this history; a page that is not recovered is empty. */
  recovered: boolean;
  /** As of `head`. */
  counts: Counts;
  /** Everything that asked for the user's attention up to this rev was read. */
  readUpto: number;
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
  cursor: Position | null;
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

/** Lists scheduled notifications, soonest first. */
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

/** What an application left in the outbox: the JSON text of a notification. */
export interface OutboxItem {
  id: number;
  item: string;
}

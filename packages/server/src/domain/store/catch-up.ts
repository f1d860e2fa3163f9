import type { Head, Position } from './history.ts';
import type { Counts } from './inbox.ts';
import type { PersonalChange, PlainRecord } from './records.ts';
import type { StoredUser } from './users.ts';

/** One page of a catch-up, all of it read in one snapshot of the database. */
export interface Page extends Head {
  /** By shared topic of the user, the rev past which its notifications are the user's too. */
  membershipStarts: ReadonlyMap<string, number>;
  /** In rev order; each visible record once, as it is now. */
  changes: PersonalChange[];
  /** Further changes, in rev order: records that are plain, if the query takes them apart. */
  plain: PlainRecord[];
  /** There may be more past `upTo`. */
  full: boolean;
  /** The page holds everything up to here: the head, unless it is full. */
  upTo: Position;
  /** True if the cursor that was asked from belongs to this history; a page that is not recovered is empty. */
  recovered: boolean;
  /** As of `head`. */
  counts: Counts;
  /** Everything that asked for the user's attention up to this rev was read. */
  readUpto: number;
  /** The user, as known in this snapshot. */
  user: StoredUser | null;
}

export interface PageQuery {
  userId: string;
  /** The topics to read. */
  topics: readonly string[];
  /** Rooms among them that the user may see without a membership. Others are read only if the user is a member in the same snapshot. */
  granted?: readonly string[];
  /** Read what is past this rev. */
  after: number;
  /** The cursor that is resumed from, checked against the history in the same snapshot. */
  cursor: Position | null;
  limit: number;
  /** True to have records that are plain apart, where all of the page are. Default: they are among the changes. */
  takesPlain?: boolean;
}

/** Asks for the newest unread, for what was never written to a session of the user, and for the newest events of rooms. */
export interface InitialQuery {
  userId: string;
  /** The topics to read. */
  topics: readonly string[];
  /** As in `PageQuery`. */
  granted?: readonly string[];
  /** The most of the newest unread notifications. */
  unread: number;
  /** The most of the newest events of each room among the topics. Default: none. */
  events?: number;
  /** The most of the undelivered personal records, oldest first. */
  limit: number;
}

/** The newest of some topics, at one moment. */
interface TopicSnapshot {
  head: number;
  /** Oldest first. */
  changes: PersonalChange[];
  membershipStarts: Page['membershipStarts'];
}

/**
 * Reads what a session is behind with. Each read is one snapshot of the database: it holds everything up to the head it names, so
 * that live batches from there on complete it without gap or repetition.
 */
export interface CatchUpStore {
  /** The changes past a cursor, a page at a time. */
  changesSince(query: PageQuery): Promise<Page>;
  /** The first page of a user without a cursor. */
  initialSnapshot(query: InitialQuery): Promise<Page>;
}

export interface TopicStore {
  /**
   * The newest records of topics, so many of each; of shared ones as a user sees them, with this user's receipts.
   *
   * @param granted as in `PageQuery`
   */
  topicSnapshot(
    topics: readonly string[],
    limit: number,
    userId: string,
    granted?: readonly string[],
  ): Promise<TopicSnapshot>;
}

export interface DeliveredMarks {
  /** Remembers up to which rev personal records were written to a session of each user. Not durable at once. */
  markDelivered(revs: ReadonlyMap<string, number>): Promise<void>;
}

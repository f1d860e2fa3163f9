import type { PersonalChange } from './records.ts';

/** Unread notifications of one user: in all, and in each category that has any. */
export interface Counts {
  unread: number;
  categories: Readonly<Record<string, number>>;
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

/** True for a page that is not simply the newest: it looks at more rows than it has. */
export const isSearch = ({ view, unread, category, type, since, until, text }: InboxQuery): boolean =>
  view !== 'inbox' || [unread, category, type, since, until, text].some((filter) => filter !== null);

/** A filtered page may be short, even empty, with more to come: how far one page looks is bounded. */
export interface InboxPage {
  items: PersonalChange[];
  nextBefore: number | null;
  counts: Counts;
  /** The rev as of which all of it is exact. */
  asOf: number;
}

/** Pages of an inbox, newest first, each of one snapshot of the database. */
export interface InboxStore {
  inbox(query: InboxQuery): Promise<InboxPage>;
  /** True if a notification is in the inbox of a user with these topics, read or not. */
  isInInbox(userId: string, topics: readonly string[], id: string): Promise<boolean>;
  /** The newest unread notifications on the user's own topic that have an `external_id`, by their ids; 100 at most. */
  unreadOf(userId: string, externalId: string): Promise<string[]>;
}

/** Unread counts. */
export interface CountStore {
  /** One user's counts, with the rev as of which they are exact, by the user's memberships at that rev. */
  counts(userId: string): Promise<Counts & { asOf: number }>;
}

/** Filter and page of an inbox; all that is given must hold. */
export interface InboxFilter {
  /** The `next_before` of the page before. Default: the newest. */
  before?: number;
  /** 1 to 100. Default 20. */
  limit?: number;
  /** Default `inbox`: neither archived nor snoozed. */
  view?: 'inbox' | 'archived' | 'snoozed';
  unread?: boolean;
  category?: string;
  type?: string;
  /** Published then or later; ISO 8601 with a time zone. */
  since?: string;
  /** Published before then; ISO 8601 with a time zone. */
  until?: string;
  /** Text in title, message or file name. */
  q?: string;
}

/** The marks of one user on one notification. Times are ISO 8601, UTC. */
export interface Receipt {
  /** The notification. */
  id: string;
  seen_at: string | null;
  /** null: it is unread, whatever `read_upto` says. */
  read_at: string | null;
  archived_at: string | null;
  /** When it comes back. */
  snoozed_until: string | null;
  /** The rev at which its snooze ended and it asked for attention again. */
  alert_rev?: number;
}

/** A notification in an inbox: its frame, as PROTOCOL.md lists them, with the receipt of the user. */
export interface InboxItem {
  type: string;
  id: string;
  rev: number;
  /** ISO 8601, UTC. */
  timestamp: string;
  data: Record<string, unknown>;
  receipt?: Receipt;
  [member: string]: unknown;
}

/** The number of unread notifications. */
export interface UnreadCount {
  /** In the whole inbox. */
  unread_count: number;
  /** The number of each category that has any. */
  categories: Record<string, number>;
  /** The rev as of which the count is exact. */
  as_of: number;
}

/** A page of an inbox, newest first. A filtered page may be short, even empty, with more to come. */
export interface InboxPage extends UnreadCount {
  items: InboxItem[];
  /** The `before` of the next page; null: there is none. */
  next_before: number | null;
}

/** A page of a user's inbox, as back ends see it. */
export interface UserInbox extends InboxPage {
  user_id: string;
  username: string;
}

/** The outcome of a mark on notifications that were named. */
export interface MarkResult {
  /** The number that it changed. */
  marked: number;
  /** The ids of which this inbox has no notification. */
  not_found: string[];
}

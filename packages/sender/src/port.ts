import type { TidingsError } from '@tidings/protocol';
import type {
  AnswerEvent,
  NotificationEdit,
  NotificationView,
  NotifyInput,
  NotifyResult,
  Task,
  TaskReport,
  TaskStart,
} from './wire.ts';

/** What became of one notification. */
export type PublishOutcome = { ok: true; result: NotifyResult } | { ok: false; error: TidingsError };

export interface PublishOptions {
  /** Store all or none. */
  atomic: boolean;
  /** Milliseconds after which every item is answered, stored or not. Default: the port's own. */
  timeoutMs?: number;
}

/** One user who is connected now. */
export interface ConnectedUser {
  user_id: string;
  username: string;
  /** How many sessions: tabs and devices. */
  connections: number;
}

/** One session of a user. */
export interface Connection {
  session_id: string;
  /** The path that was opened, as `/ws/`. */
  path: string;
  /** ISO 8601, UTC. */
  connected_at: string;
  user_agent: string | null;
  address: string | null;
  /** Milliseconds until a probe came back; null where none was sent or none came. */
  round_trip_ms: number | null;
}

export interface UserConnections {
  user_id: string | null;
  username: string;
  connected: boolean;
  connections: Connection[];
}

/** Which part of an inbox to read; all must hold. */
export interface InboxFilter {
  /** The `next_before` of the page before. Default: the newest. */
  before?: number;
  /** 1 to 100. Default 20. */
  limit?: number;
  /** Default `inbox`: what is neither archived nor snoozed. */
  view?: 'inbox' | 'archived' | 'snoozed';
  unread?: boolean;
  category?: string;
  type?: string;
  /** Published then or later, and before then: ISO 8601 with a time zone. */
  since?: string;
  until?: string;
  /** Text in title, message or file name. */
  q?: string;
}

/** A page of a user's inbox, newest first: the frames as they were sent, each with what the user did with it. */
export interface UserInbox {
  user_id: string;
  username: string;
  items: InboxItem[];
  /** Null: there is no next page. */
  next_before: number | null;
  unread_count: number;
  categories: Record<string, number>;
  /** The rev as of which the counts hold. */
  as_of: number;
}

/** A notification in an inbox: its frame, as PROTOCOL.md lists them. */
export interface InboxItem {
  type: string;
  id: string;
  rev: number;
  timestamp: string;
  receipt?: {
    seen_at: string | null;
    read_at: string | null;
    archived_at: string | null;
    snoozed_until: string | null;
  };
  [member: string]: unknown;
}

/** A user, by id or by name. */
export type UserName = { id: string } | { username: string };

/** A changed notification. */
export interface Revision {
  id: string;
  /** The position of its newest change in the one sequence. */
  rev: number;
}

/** Some of what waits to be delivered, soonest first. */
export interface ScheduledPage {
  items: NotificationView[];
  /** `before` of the next page; null where there is no more. */
  next_before: string | null;
}

/** Answers after a place in the one sequence, in order. */
export interface AnswerPage {
  items: AnswerEvent[];
  /** The place to go on after. */
  next_after: number;
}

/** A read that may wait for its answer. */
export interface Wait {
  /** Milliseconds to wait for news; 0 answers at once. */
  waitMs: number;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal;
}

/** Which of a user's sessions to end, and what to tell them. Default: all. */
export interface Disconnection {
  session_id?: string;
  reason?: string;
}

/** Whose tokens are refused from now on. */
export type Revocation = { user: string } | { token_id: string } | { session_id: string };

/** How many sessions were ended at once, by the server that was asked; other nodes follow within seconds. */
export interface Disconnected {
  disconnected: number;
}

/** The roles a user has. */
export interface UserRoles {
  user_id: string;
  roles: string[];
}

/**
 * What a Sender stands on: HTTP (`httpPort`) or a server in the same process (`createTidings`).
 *
 * Items may hold what JSON.stringify turns into JSON (Dates, members that are undefined), and callers may change them after the
 * call: an implementation encodes them before it first awaits.
 *
 * `publish` is given 1 to 1,000 items. An item is `ok` once it is committed and fsynced, and never before. It answers item by item in the order given and
 * rejects for no item's sake; calls for one recipient take effect in the order they were made. The other methods reject with
 * TidingsError; changes of one task, notification or user take effect in the order they were made.
 */
export interface SenderPort {
  publish(items: readonly NotifyInput[], options: PublishOptions): Promise<PublishOutcome[]>;
  startTask(start: TaskStart): Promise<Task>;
  reportTask(taskId: string, report: TaskReport): Promise<Task>;
  getTask(taskId: string): Promise<Task>;
  cancelTask(taskId: string): Promise<Task>;
  editNotification(id: string, change: NotificationEdit): Promise<Revision>;
  /** Withdraws it; again, it answers the same. */
  retractNotification(id: string): Promise<Revision>;
  /** The same of one that is scheduled; `conflict` where it was delivered meanwhile. */
  cancelNotification(id: string): Promise<Revision>;
  /** Waits for an answer to it, or for the end of any hope of one. */
  getNotification(id: string, wait: Wait): Promise<NotificationView>;
  scheduledNotifications(query: { before?: string; limit?: number }): Promise<ScheduledPage>;
  /** `after` null: from now on. A page may be empty where none came in time. */
  answers(query: { after: number | null; limit: number } & Wait): Promise<AnswerPage>;
  connectedUsers(options: { timeoutMs: number }): Promise<ConnectedUser[]>;
  /** With `probe`, each session is sent a ping and its answer awaited for a short while. */
  connectionsOf(user: UserName, options: { probe: boolean; timeoutMs?: number }): Promise<UserConnections>;
  inboxOf(user: UserName, filter: InboxFilter): Promise<UserInbox>;
  setRoles(userId: string, roles: readonly string[]): Promise<UserRoles>;
  disconnect(userId: string, which: Disconnection): Promise<Disconnected>;
  revoke(whose: Revocation): Promise<Disconnected>;
  /** Resolves when what was accepted for sending is answered; calls made afterwards are refused. */
  close(): Promise<void>;
}

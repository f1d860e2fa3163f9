import type { TidingsError } from '@tidings/protocol';
import type { NotifyInput, NotifyResult, Task, TaskReport, TaskStart } from './wire.ts';

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

/**
 * What a Sender stands on: HTTP (`httpPort`) or a server in the same process (`createTidings`).
 *
 * Items may hold what JSON.stringify turns into JSON (Dates, members that are undefined), and callers may change them after the
 * call: an implementation encodes them before it first awaits.
 *
 * `publish` is given 1 to 1,000 items. An item is `ok` once it is committed and fsynced, and never before. It answers item by item in the order given and
 * rejects for no item's sake; calls for one recipient take effect in the order they were made. The other methods reject with
 * TidingsError; reports on one task take effect in the order they were made.
 */
export interface SenderPort {
  publish(items: readonly NotifyInput[], options: PublishOptions): Promise<PublishOutcome[]>;
  startTask(start: TaskStart): Promise<Task>;
  reportTask(taskId: string, report: TaskReport): Promise<Task>;
  getTask(taskId: string): Promise<Task>;
  cancelTask(taskId: string): Promise<Task>;
  connectedUsers(options: { timeoutMs: number }): Promise<ConnectedUser[]>;
  /** With `probe`, each session is sent a ping and its answer awaited for a short while. */
  connectionsOf(username: string, options: { probe: boolean; timeoutMs: number }): Promise<UserConnections>;
  /** Resolves when what was accepted for sending is answered; calls made afterwards are refused. */
  close(): Promise<void>;
}

/**
 * - `idle`: `connect()` was not called yet
 * - `connecting`: the first attempt is under way
 * - `connected`: caught up, and receiving live frames
 * - `reconnecting`: the connection was lost or refused for now; `attempt` and `retryAt` say how it goes
 * - `closed`: ended by `disconnect()`, by a refusal, or out of attempts; `reason` says which
 */
export type ClientStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** Why there is no connection. */
export type ReasonCode =
  /** No Tidings server answered at the address, or something between does not pass WebSockets. */
  | 'unreachable'
  /** There is no token, or it is not, or no longer, accepted. */
  | 'unauthenticated'
  /** The server does not list the page's origin. */
  | 'origin_not_allowed'
  /** The user may not be here. */
  | 'forbidden'
  /** The connection was open and went away. */
  | 'connection_lost'
  /** The client read too slowly; it resumes at once. */
  | 'too_slow'
  /** The server restarts. */
  | 'restarting'
  /** The server has no room or fails for now. */
  | 'unavailable'
  /** Too many connections of this user or address, or too many actions. */
  | 'too_many'
  /** One side sent what the other could not read. */
  | 'bad_response'
  /** This client sent more at once than the server reads; what was under way is rejected. */
  | 'payload_too_large'
  /** The client was set up in a way that cannot work. */
  | 'bad_request'
  /** `disconnect()` was called. */
  | 'stopped';

export interface ClientReason {
  code: ReasonCode;
  /** The reason, and the action to take. */
  message: string;
  /** True if the client tries again by itself. */
  retryable: boolean;
}

/** The user, as the server names them. */
export interface ClientUser {
  id: string;
  username: string;
  roles: string[];
}

/** A new object whenever something changed; the same one until then. */
export interface ClientState {
  status: ClientStatus;
  /** Why it is not connected; null while it is, and before the first attempt has failed. */
  reason: ClientReason | null;
  /** Attempts in a row that have failed. */
  attempt: number;
  /** When the next attempt begins, in milliseconds since 1970; null if none is waited for. */
  retryAt: number | null;
  /** Known since the first connection; null before. */
  user: ClientUser | null;
}

export const idle: ClientState = { status: 'idle', reason: null, attempt: 0, retryAt: null, user: null };

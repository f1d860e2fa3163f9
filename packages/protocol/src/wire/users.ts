/** A user who is connected now. */
export interface ConnectedUser {
  user_id: string;
  username: string;
  /** The number of sessions: tabs and devices. */
  connections: number;
}

/** One session of a user. */
export interface Connection {
  session_id: string;
  /** The path it is connected to, as `/ws/`. */
  path: string;
  address: string;
  user_agent: string;
  /** ISO 8601, UTC. */
  connected_at: string;
  /** Milliseconds until a probe came back; null if none was sent, or none came back in 2 s. */
  round_trip_ms: number | null;
}

/** The sessions that a user has now. */
export interface UserConnections {
  /** null for a username that no token has bound to an id yet. */
  user_id: string | null;
  username: string;
  connected: boolean;
  connections: Connection[];
}

/** The roles of a user. */
export interface UserRoles {
  user_id: string;
  roles: string[];
}

/** Ends sessions of a user: the body of `POST /api/v1/users/{id}/disconnect`. */
export interface Disconnection {
  /** The session to end. Default: all of the user's. */
  session_id?: string;
  /** Travels in the close frame. At most 100 characters. */
  reason?: string;
}

/** Sessions that were ended. */
export interface Disconnected {
  /** The number on the server that was asked; other servers of a cluster end theirs within 2 s, and are not counted. */
  disconnected: number;
}

/** The user of a token. */
export interface WhoAmI {
  user_id: string;
  username: string;
  roles: string[];
}

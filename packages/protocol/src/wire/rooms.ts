/** A right in a room: `r` to follow it and read its history, `rw` to send to it as well. */
export type RoomAccess = 'r' | 'rw';

/** The membership of a user in a room. */
export interface RoomMembership {
  /** The room's name, as `project:12`. */
  room: string;
  user_id: string;
  /** Absent where the user is no member. */
  access?: RoomAccess;
}

export interface RoomMember {
  user_id: string;
  /** null for a user who was never seen. */
  username: string | null;
  access: RoomAccess;
}

/** Members of a room in the order of their ids. */
export interface RoomMemberPage {
  items: RoomMember[];
  /** Give it as `after` for the next page; null: there is none. */
  next_after: string | null;
}

/** An event for a room: the body of `POST /api/v1/rooms/{kind}/{id}/events`. */
export interface RoomEventInput {
  /** Its kind, as `comment_added`. */
  event: string;
  data?: Record<string, unknown>;
  /** Users, by id, who are sent a notification if they may follow the room: 100 at most. Default: nobody. */
  mentions?: string[];
  /** Goes to those who follow the room now, and is never stored. Default false. */
  ephemeral?: boolean;
  /** Requests with the same key are stored once. */
  idempotency_key?: string;
}

/** The outcome: the record, or that there is none since the event is ephemeral. */
export interface SentRoomEvent {
  id?: string;
  rev?: number;
  /** Of an event that named users: those who are told, by id, maybe nobody. Absent of a repeated call. */
  mentions?: string[];
  /** The same idempotency key was used before, for the same event. */
  duplicate?: true;
  /** It was not stored. */
  ephemeral?: true;
}

/** An event that a room has kept. */
export interface RoomEvent {
  type: 'room_event';
  id: string;
  rev: number;
  /** ISO 8601, UTC. */
  timestamp: string;
  room: string;
  event: string;
  /** null for one of a back end. */
  from: { user_id: string; username: string } | null;
  /** The users who were sent a notification, by id. */
  mentions?: string[];
  data: Record<string, unknown>;
  /** It has no data here, since that is too large for the client. */
  truncated?: true;
  /** The path at which the whole of a truncated one is read. */
  url?: string;
}

/** A value for a key of a room: the body of `PUT /api/v1/rooms/{kind}/{id}/state/{key}`. */
export interface RoomStateInput {
  /** Anything that is JSON: 4,000 bytes at most. */
  value: unknown;
  /** Time after which the key is removed by itself, ms: a second to a year. Default: it stays. */
  ttl_ms?: number;
  /** The rev that the key must have, 0 for a key without a value; else the answer is `conflict`. Default: whatever it is. */
  if_rev?: number;
  /** Requests with the same key are done once. */
  idempotency_key?: string;
}

/** The outcome of setting a key. */
export interface RoomStateSet {
  /** The rev that the key has now. */
  rev: number;
  /** The same idempotency key was used before, for the same value. */
  duplicate?: true;
}

/** The removal of a key. */
export interface RoomStateRemovalInput {
  /** The rev that the key must have, 0 for a key without a value; else the answer is `conflict`. Default: whatever it is. */
  if_rev?: number;
  /** Requests with the same key are done once. */
  idempotency_key?: string;
}

/** The outcome of removing a key. */
export interface RoomStateRemoved {
  /** False if the key had no value. */
  removed: boolean;
  /** The same idempotency key was used before, and it was removed then. */
  duplicate?: true;
}

/** A key that has a value. */
export interface RoomStateEntry {
  room: string;
  key: string;
  value: unknown;
  /** The rev at which it was set; give it as `if_rev`. */
  rev: number;
  /** When it was set, ISO 8601, UTC. */
  timestamp: string;
  /** null for a back end. */
  from: { user_id: string; username: string } | null;
  /** When it is removed by itself, ISO 8601, UTC. */
  expires_at?: string;
}

/** The state of a room, sorted by key. */
export interface RoomState {
  items: RoomStateEntry[];
}

/** Events of a room, newest first. */
export interface RoomEventPage {
  items: RoomEvent[];
  /** Give it as `before` for the next page; null: there is none. */
  next_before: number | null;
}

/** A user who is in a room now. */
export interface PresenceMember {
  username: string;
  /** The state of each session that follows the room, by session id; `{}` until it says one. */
  sessions: Record<string, Record<string, unknown>>;
}

/** The users who are in a room now. */
export interface RoomPresence {
  items: { user_id: string; username: string; sessions: Record<string, Record<string, unknown>> }[];
}

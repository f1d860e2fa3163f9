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
  /** Goes to those who follow the room now, and is never stored. Default false. */
  ephemeral?: boolean;
  /** Requests with the same key are stored once. */
  idempotency_key?: string;
}

/** The outcome: the record, or that there is none since the event is ephemeral. */
export interface SentRoomEvent {
  id?: string;
  rev?: number;
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
  data: Record<string, unknown>;
}

/** Events of a room, newest first. */
export interface RoomEventPage {
  items: RoomEvent[];
  /** Give it as `before` for the next page; null: there is none. */
  next_before: number | null;
}

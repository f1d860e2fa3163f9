import type { RoomAccess } from '../rooms.ts';
import type { PersonalChange } from './records.ts';

/** A page of the events of a room, newest first. */
interface RoomEventPage {
  events: PersonalChange[];
  /** There may be more. */
  full: boolean;
}

/** A room as one reader sees it. */
export interface RoomView {
  topic: string;
  /** The reader; empty for a back end. */
  userId: string;
  /** True if the reader needs no membership; else nothing is read unless the reader is a member in the same snapshot. */
  isGranted: boolean;
}

interface RoomEventQuery extends RoomView {
  /** Only events before this rev; null for the newest. */
  before: number | null;
  limit: number;
}

interface RoomMember {
  userId: string;
  /** Null for a user who was never seen. */
  username: string | null;
  access: RoomAccess;
}

/** Members, events and states of rooms, by their topics. */
export interface RoomStore {
  /** The membership of a user, with the rev of its last change; null without one. */
  roomMembership(userId: string, topic: string): Promise<{ access: RoomAccess; rev: number } | null>;
  /** Members in the order of their ids, past one of them. */
  roomMembers(topic: string, after: string, limit: number): Promise<RoomMember[]>;
  roomEvents(query: RoomEventQuery): Promise<RoomEventPage>;
  /** The records of the keys that have a value. */
  roomState(view: RoomView): Promise<PersonalChange[]>;
}

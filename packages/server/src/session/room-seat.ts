import type { Frame } from '../fanout/frame.ts';

/** The end of a session in a room: `cut` if its user may be about to come back, `left` if not. */
export type Departure = 'cut' | 'left';

/** The session that comes into a room. */
export interface Arrival {
  sessionId: string;
  /** The name that its address gave it: connections of the same name, one after another, are one session. Null for none. */
  name: string | null;
  userId: string;
  username: string;
  /** True for a poll, whose session is there between two of them, too. All polls of a user that have no name are one session. */
  isPoll: boolean;
}

/** A session that is sent who is in a room. */
export interface PresenceFollower {
  /** The largest frame that its client takes, bytes. */
  readonly maxFrame: number;
  /**
   * True for a poll that has resumed: a frame ends it. If the poll before was sent who is there, nothing is sent before that changes, or the
   * time of the poll is over.
   */
  readonly awaitsChange: boolean;
  /** Sends frames that are not stored. @returns false if none is taken now, as by a client that does not keep up */
  sendPresence(frames: readonly Frame[]): boolean;
}

/** The place of one session in one room. */
export interface RoomSeat {
  /** Sets the state of the session, JSON of an object. @throws TidingsError `payload_too_large` if the user's states are too large together */
  setState(state: string): void;
  /** Sends the follower who is there, unless it has been sent that already. */
  refresh(): void;
  rename(username: string): void;
  leave(how: Departure): void;
}

/** Shows sessions in rooms, to each other. */
export interface RoomSeats {
  /** @param follower null for a session that is shown and is sent nothing */
  enter(topic: string, arrival: Arrival, follower: PresenceFollower | null): RoomSeat;
}

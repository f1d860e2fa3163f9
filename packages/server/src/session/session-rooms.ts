import { CloseCode, TidingsError } from '@tidings/protocol';
import type { RoomControl } from '../commands/context.ts';
import { notFound } from '../commands/refuse.ts';
import type { Identity } from '../domain/identity.ts';
import { isRoomTopic, parseRoom, type Room, type RoomRight, rightsUnknown, roomOfTopic } from '../domain/rooms.ts';
import type { Frame } from '../fanout/frame.ts';
import type { Transport } from '../telemetry/counters.ts';
import type { Close } from './close.ts';
import type { Departure, RoomSeat, RoomSeats } from './room-seat.ts';

/** The rights in rooms, and what passes through rooms, as sessions need them. */
export interface RoomLinks {
  rights: Pick<RoomControl, 'rightOf'>;
  channels: { listen(topic: string, listener: (frame: Frame) => void): () => void };
  presence: RoomSeats;
}

/** The session whose rooms they are. */
export interface RoomSession {
  readonly id: string;
  /** The name that its address gave it; null for none. */
  readonly name: string | null;
  readonly identity: Identity;
  readonly transport: Transport;
  /** The largest frame that the client takes, bytes. */
  readonly maxFrame: number;
  readonly isOpen: boolean;
  /** True if frames may be sent now: it is live, and reads nothing. */
  readonly isLive: boolean;
  /** True if the client came back with a cursor that is good. */
  readonly isResumed: boolean;
  /** The topic of the room whose path it is on; null on another path. */
  readonly ownRoom: string | null;
  send(frame: object): void;
  /** True if what happens on a topic is delivered. */
  follows(topic: string): boolean;
  /** Sends what is not stored, on a topic that the session follows. @returns false if it is not taken now */
  sendEphemeral(topic: string, frames: readonly Frame[]): boolean;
  /** Delivers nothing on this topic any more. */
  dropTopic(topic: string): void;
  end(close: Close): void;
}

interface Entry {
  /** Null until it is known for the first time. */
  right: RoomRight | null;
  /** The newest rev at which a membership has ended, as far as this node has released; 0 for none. */
  endedRev: number;
  /** Ends that ephemeral frames are received. */
  stop: () => void;
  /** False if the session is neither shown in the room nor sent who is there. */
  isPresent: boolean;
  /** Null until the room is followed, and if `isPresent` is false. */
  seat: RoomSeat | null;
}

/** The rooms that one session follows, or is about to, each with the source of the right: without one it is not followed for long. */
export class SessionRooms {
  readonly #session: RoomSession;
  readonly #links: RoomLinks;
  /** By topic. */
  readonly #entries = new Map<string, Entry>();
  /** Frames for the client, once the session is live. */
  readonly #notices: object[] = [];

  constructor(session: RoomSession, links: RoomLinks) {
    this.#session = session;
    this.#links = links;
  }

  has(topic: string): boolean {
    return this.#entries.has(topic);
  }

  /** The rooms that may be read without a membership. */
  get granted(): string[] {
    return [...this.#entries].flatMap(([topic, { right }]) =>
      right === null || right.source === 'membership' ? [] : [topic],
    );
  }

  /**
   * Looks up the right for a room, by its topic.
   *
   * @param isPresent false if the session is neither shown in the room nor sent who is there
   * @throws TidingsError `not_found` without one, `unavailable`
   */
  async enter(topic: string, isPresent = true): Promise<void> {
    const known = this.#entries.get(topic);
    const entry = known ?? this.#add(topic);
    try {
      await this.#lookUp(topic, entry);
      entry.isPresent = isPresent;
      if (!isPresent) this.#leaveSeat(entry, 'left');
    } catch (error) {
      if (known) this.#lose(topic, entry, error);
      else this.leave(topic);
      throw error;
    }
  }

  /** The same for several topics; others than rooms need no right. @returns those that may be followed; the client is told of the others */
  async enterAll(topics: readonly string[], isPresent: (topic: string) => boolean): Promise<string[]> {
    const allowed = await Promise.all(
      topics.map(async (topic) => {
        if (!isRoomTopic(topic)) return true;
        try {
          await this.enter(topic, isPresent(topic));
          return true;
        } catch (error) {
          this.refuse(topic, error);
          return false;
        }
      }),
    );
    return topics.filter((_, i) => allowed[i]);
  }

  /** The client follows a room no more. */
  leave(topic: string, how: Departure = 'left'): void {
    const entry = this.#entries.get(topic);
    if (!entry) return;
    entry.stop();
    this.#entries.delete(topic);
    this.#leaveSeat(entry, how);
  }

  leaveAll(how: Departure): void {
    for (const topic of [...this.#entries.keys()]) this.leave(topic, how);
  }

  /** Sets what the session says of itself in a room, JSON of an object. @throws TidingsError `not_found` if it does not follow the room */
  setPresence(topic: string, state: string): void {
    const entry = this.#entries.get(topic);
    if (!entry?.right || !this.#session.follows(topic)) throw notFound('room', roomOfTopic(topic));
    if (!entry.isPresent) {
      const message = 'this session follows the room without presence; subscribe to it again without `presence: false`';
      throw new TidingsError('bad_request', message);
    }
    entry.seat ??= this.#takeSeat(topic);
    entry.seat.setState(state);
  }

  /** A membership of the user has ended at a rev; one that has begun since may be known already. */
  membershipEnded(topic: string, rev: number): void {
    const entry = this.#entries.get(topic);
    if (!entry) return;
    entry.endedRev = rev;
    const { right } = entry;
    if (right?.source === 'membership' && right.rev < rev) {
      this.#lose(topic, entry, notFound('room', roomOfTopic(topic)));
    }
  }

  /** Asks again for the rights that come from the application. */
  askAgain(): void {
    for (const [topic, entry] of this.#entries)
      if (entry.right?.source === 'application') void this.#recheck(topic, entry);
  }

  /** The session has a newer token, which may grant less. */
  identityChanged(): void {
    for (const [topic, entry] of this.#entries) {
      if (entry.right !== null) void this.#recheck(topic, entry);
      entry.seat?.rename(this.#session.identity.username);
    }
  }

  /** Says that a room of the address may not be followed: on its own path the session ends. */
  refuse(topic: string, error: unknown): void {
    // The words of a failure of the server's own are in the log.
    const { code, message } = error instanceof TidingsError ? error : rightsUnknown();
    const { ownRoom } = this.#session;
    if (topic === ownRoom) {
      const isOver = code === 'not_found';
      this.#session.end({ code: isOver ? CloseCode.forbidden : CloseCode.overloaded, reason: message });
      return;
    }
    this.#notices.push({ type: 'unsubscribed', room: roomOfTopic(topic), code, reason: message });
    if (this.#session.isLive) this.flush();
  }

  /** Sends the frames that waited until the session was live, and takes a seat in each room that it follows. */
  flush(): void {
    for (const notice of this.#notices.splice(0)) this.#session.send(notice);
    for (const [topic, entry] of this.#entries) {
      if (entry.isPresent && entry.right && this.#session.follows(topic)) entry.seat ??= this.#takeSeat(topic);
    }
  }

  /** Sends who is in the rooms, unless the client has been sent that already. */
  refreshPresence(): void {
    for (const { seat } of this.#entries.values()) seat?.refresh();
  }

  #takeSeat(topic: string): RoomSeat {
    const { id, name, identity, transport, maxFrame, isResumed } = this.#session;
    const isPoll = transport === 'long_poll';
    return this.#links.presence.enter(
      topic,
      { sessionId: id, name, userId: identity.id, username: identity.username, isPoll },
      {
        ...{ maxFrame, awaitsChange: isPoll && isResumed },
        sendPresence: (frames) => this.#session.sendEphemeral(topic, frames),
      },
    );
  }

  #leaveSeat(entry: Entry, how: Departure): void {
    entry.seat?.leave(how);
    entry.seat = null;
  }

  #add(topic: string): Entry {
    const stop = this.#links.channels.listen(topic, (frame) => this.#session.sendEphemeral(topic, [frame]));
    const entry: Entry = { right: null, endedRev: 0, stop, isPresent: true, seat: null };
    this.#entries.set(topic, entry);
    return entry;
  }

  /** A membership that is found may have ended since it was read, and before this is known here: then it is read again. */
  async #lookUp(topic: string, entry: Entry): Promise<void> {
    const name = roomOfTopic(topic);
    const room = parseRoom(name) as Room;
    for (;;) {
      const right = await this.#links.rights.rightOf(this.#session.identity, 'read', room);
      if (right === null) throw notFound('room', name);
      if (right.source === 'membership' && right.rev < entry.endedRev) continue;
      entry.right = right;
      return;
    }
  }

  async #recheck(topic: string, entry: Entry): Promise<void> {
    try {
      await this.#lookUp(topic, entry);
    } catch (error) {
      this.#lose(topic, entry, error);
    }
  }

  /** Ends it, whatever is being read of it. */
  #lose(topic: string, entry: Entry, error: unknown): void {
    if (this.#entries.get(topic) !== entry || !this.#session.isOpen) return;
    this.leave(topic);
    this.#session.dropTopic(topic);
    this.refuse(topic, error);
  }
}

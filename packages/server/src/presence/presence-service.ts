import { type RoomPresence, TidingsError } from '@tidings/protocol';
import { roomOfTopic } from '../domain/rooms.ts';
import type { Arrival, Departure, PresenceFollower, RoomSeat, RoomSeats } from '../session/room-seat.ts';
import { PresenceFeed, type PresenceFeedOptions } from './presence-feed.ts';
import { noState, type PresentSession, type SessionKey } from './present-users.ts';

export interface PresenceServiceOptions extends PresenceFeedOptions {
  /** Time for which a session that was cut off keeps its place, ms. */
  graceMs: number;
  /** Bytes that the states of one user's sessions may have in a room, all together. */
  userStateBytes: number;
}

/** A room that sessions of this node follow, as other nodes tell of theirs there. */
export interface OpenedRoom {
  set(node: string, session: PresentSession): void;
  delete(node: string, session: SessionKey): void;
  /** The sessions on other nodes were read, or cannot be read now. */
  complete(): void;
  /** A session has come on another node: the others of its user that were cut off here are over. */
  came(session: SessionKey): void;
}

/** The other nodes, as the rooms of this one need them. */
export interface PresencePeers {
  /** This node's name. */
  readonly self: string;
  /** A room has its first session here. @returns false if its sessions on other nodes are yet to be read */
  opened(topic: string, room: OpenedRoom): boolean;
  closed(topic: string): void;
  /** A session of this node is another than it was; null if it is there no more. */
  changed(topic: string, key: SessionKey, session: PresentSession | null): void;
  /** The sessions in a room that has none here. */
  read(topic: string): Promise<readonly (readonly [node: string, session: PresentSession])[]>;
}

/** Of one node: there are no others. */
export const noPeers = (self: string): PresencePeers => ({
  self,
  opened: () => true,
  closed: () => {},
  changed: () => {},
  read: async () => [],
});

/** A session of this node. */
interface OwnSession {
  session: PresentSession;
  /** The number of connections that it stands for: of polls there may be several, or none for a while. */
  connections: number;
  /** Ends the time for which it keeps its place; null while it has a connection. */
  stopGrace: (() => void) | null;
  /** True once another session of the user has come: it stays only until that one can have said its state. */
  isReplaced: boolean;
  /** The version of who is there that its last poll was sent; null for none. */
  knownVersion: number | null;
}

interface Room {
  feed: PresenceFeed;
  /** By user, then by session. */
  own: Map<string, Map<string, OwnSession>>;
}

/** A seat that was taken: the session, and its connection. */
interface Seated {
  key: SessionKey;
  isPoll: boolean;
  follower: PresenceFollower | null;
}

/** Time for which the state of a session that was cut off is shown beside the one that takes its place, ms: that one says its state in it. */
const handoverMs = 500;

/** The least time for which a session stays between two polls, ms: it could not be there otherwise. */
const betweenPollsMs = 1_000;

/** The id under which the polls of a user that have no name are shown. */
const pollId = 'poll';

/** The users in the rooms that sessions of this node follow. */
export class PresenceService implements RoomSeats {
  readonly #options: PresenceServiceOptions;
  readonly #peers: PresencePeers;
  /** By topic. */
  readonly #rooms = new Map<string, Room>();

  constructor(options: PresenceServiceOptions, peers: PresencePeers) {
    this.#options = options;
    this.#peers = peers;
  }

  /** The number of rooms that somebody follows here. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The totals of the rooms that somebody follows here. */
  census(): { rooms: number; members: number; watchers: number } {
    const census = { rooms: this.#rooms.size, members: 0, watchers: 0 };
    for (const { feed } of this.#rooms.values()) {
      census.members += feed.members;
      census.watchers += feed.watchers;
    }
    return census;
  }

  enter(topic: string, arrival: Arrival, follower: PresenceFollower | null): RoomSeat {
    const room = this.#rooms.get(topic) ?? this.#open(topic);
    const { userId, username, isPoll } = arrival;
    const key = { userId, sessionId: arrival.name ?? (isPoll ? pollId : arrival.sessionId) };
    const own = ownOf(room, key);
    if (own) {
      own.stopGrace?.();
      own.stopGrace = null;
      own.isReplaced = false;
      own.connections++;
      if (own.session.goneAt !== null) this.#set(topic, room, { ...own.session, username, goneAt: null });
    } else {
      // From another node it brings its state along.
      const { state, saidAt } = room.feed.find(key) ?? { state: noState, saidAt: 0 };
      this.#set(topic, room, { ...key, username, state, saidAt, goneAt: null });
    }
    this.#replace(topic, room, key);
    if (follower) room.feed.follow(follower, ownOf(room, key)?.knownVersion ?? null);
    return this.#seat(topic, room, { key, isPoll, follower });
  }

  /**
   * Sets the state of a session of its name, JSON of an object, wherever its connections are: by this it is here as if it had polled.
   *
   * @throws TidingsError `payload_too_large` if the user's states are too large together
   */
  say(topic: string, { name, ...user }: Pick<Arrival, 'userId' | 'username'> & { name: string }, state: string): void {
    const known = this.#rooms.get(topic);
    if (known) this.#checkSize(known, { userId: user.userId, sessionId: name }, state);
    const seat = this.enter(topic, { ...user, name, sessionId: name, isPoll: true }, null);
    seat.setState(state);
    seat.leave('cut');
  }

  /** A right of the user in the room has ended: nothing of the user's stays there that has no connection. */
  rightEnded(topic: string, userId: string): void {
    const room = this.#rooms.get(topic);
    if (!room) return;
    this.#forget(topic, room, userId, true);
    this.#closeUnused(topic, room);
  }

  /** Those who are in a room now, on all nodes. */
  async read(topic: string): Promise<RoomPresence['items']> {
    const known = this.#rooms.get(topic);
    if (known) return known.feed.items();
    const room = new PresenceFeed(roomOfTopic(topic), this.#options, false);
    for (const [node, session] of await this.#peers.read(topic)) room.set(node, session);
    return room.items();
  }

  close(): void {
    for (const { feed, own } of this.#rooms.values()) {
      feed.close();
      for (const sessions of own.values()) for (const { stopGrace } of sessions.values()) stopGrace?.();
    }
    this.#rooms.clear();
  }

  #open(topic: string): Room {
    const feed: PresenceFeed = new PresenceFeed(roomOfTopic(topic), this.#options, false);
    const room: Room = { feed, own: new Map() };
    this.#rooms.set(topic, room);
    const isComplete = this.#peers.opened(topic, {
      set: (node, session) => {
        feed.set(node, session);
        this.#takeNewer(topic, room, session);
      },
      delete: (node, session) => feed.delete(node, session),
      complete: () => feed.complete(),
      came: (session) => {
        this.#replace(topic, room, session);
        this.#closeUnused(topic, room);
      },
    });
    if (isComplete) feed.complete();
    return room;
  }

  /** A session that is here, too, has said a newer state on another node. */
  #takeNewer(topic: string, room: Room, { state, saidAt, ...key }: PresentSession): void {
    const own = ownOf(room, key);
    if (own && saidAt > own.session.saidAt) this.#set(topic, room, { ...own.session, state, saidAt });
  }

  #seat(topic: string, room: Room, { key, isPoll, follower }: Seated): RoomSeat {
    let isLeft = false;
    const change = (part: Partial<PresentSession>): void => {
      const own = ownOf(room, key);
      if (!isLeft && own) this.#set(topic, room, { ...own.session, ...part });
    };
    return {
      setState: (state) => {
        this.#forgetReplaced(topic, room, key.userId);
        this.#checkSize(room, key, state);
        const { saidAt = 0 } = ownOf(room, key)?.session ?? {};
        change({ state, saidAt: Math.max(this.#options.clock.now(), saidAt + 1) });
      },
      refresh: () => follower && room.feed.refresh(follower),
      rename: (username) => change({ username }),
      leave: (how) => {
        if (isLeft) return;
        isLeft = true;
        const version = follower && room.feed.unfollow(follower);
        const own = ownOf(room, key);
        if (own) own.knownVersion = version ?? own.knownVersion;
        this.#leave(topic, room, { key, isPoll }, how);
        this.#closeUnused(topic, room);
      },
    };
  }

  #leave(topic: string, room: Room, { key, isPoll }: Pick<Seated, 'key' | 'isPoll'>, how: Departure): void {
    const own = ownOf(room, key);
    if (!own || --own.connections > 0) return;
    const { clock } = this.#options;
    const graceMs = isPoll ? Math.max(this.#options.graceMs, betweenPollsMs) : this.#options.graceMs;
    if (how === 'left' || graceMs === 0) {
      this.#remove(topic, room, key);
      if (how === 'left') this.#forget(topic, room, key.userId);
      return;
    }
    if (!isPoll) this.#set(topic, room, { ...own.session, goneAt: clock.now() });
    own.stopGrace = clock.after(graceMs, () => {
      this.#remove(topic, room, key);
      this.#closeUnused(topic, room);
    });
  }

  /**
   * A session of a user has come: the others that were cut off go, and where they had a state once it can have said the same. The same one, which
   * has come on another node, stays for its time: that node takes its state over.
   */
  #replace(topic: string, room: Room, { userId, sessionId }: SessionKey): void {
    for (const own of [...(room.own.get(userId)?.values() ?? [])]) {
      const { session, stopGrace, isReplaced } = own;
      if (stopGrace === null || session.goneAt === null || isReplaced || session.sessionId === sessionId) continue;
      if (session.state === noState) this.#remove(topic, room, session);
      else {
        stopGrace();
        own.isReplaced = true;
        own.stopGrace = this.#options.clock.after(Math.min(handoverMs, this.#options.graceMs), () => {
          this.#remove(topic, room, session);
          this.#closeUnused(topic, room);
        });
      }
    }
  }

  #forgetReplaced(topic: string, room: Room, userId: string): void {
    for (const { session, isReplaced } of [...(room.own.get(userId)?.values() ?? [])]) {
      if (isReplaced) this.#remove(topic, room, session);
    }
  }

  /** Forgets sessions of a user that were cut off. @param andPolls those between two polls as well */
  #forget(topic: string, room: Room, userId: string, andPolls = false): void {
    for (const { session, stopGrace } of [...(room.own.get(userId)?.values() ?? [])]) {
      if (stopGrace !== null && (andPolls || session.goneAt !== null)) this.#remove(topic, room, session);
    }
  }

  #set(topic: string, room: Room, session: PresentSession): void {
    const own = ownOf(room, session);
    if (own) own.session = session;
    else {
      const sessions = room.own.get(session.userId) ?? new Map<string, OwnSession>();
      room.own.set(session.userId, sessions);
      const none = { stopGrace: null, isReplaced: false, knownVersion: null };
      sessions.set(session.sessionId, { session, connections: 1, ...none });
    }
    room.feed.set(this.#peers.self, session);
    this.#peers.changed(topic, session, session);
  }

  #remove(topic: string, room: Room, key: SessionKey): void {
    const sessions = room.own.get(key.userId);
    const own = sessions?.get(key.sessionId);
    if (!sessions || !own) return;
    own.stopGrace?.();
    sessions.delete(key.sessionId);
    if (sessions.size === 0) room.own.delete(key.userId);
    room.feed.delete(this.#peers.self, key);
    this.#peers.changed(topic, key, null);
  }

  #closeUnused(topic: string, room: Room): void {
    if (room.own.size > 0 || this.#rooms.get(topic) !== room) return;
    room.feed.close();
    this.#rooms.delete(topic);
    this.#peers.closed(topic);
  }

  /** The states of one user are bounded together: each change of one is sent with the others. */
  #checkSize(room: Room, { userId, sessionId }: SessionKey, state: string): void {
    const { userStateBytes } = this.#options;
    let bytes = Buffer.byteLength(state);
    for (const { session } of room.own.get(userId)?.values() ?? []) {
      if (session.sessionId !== sessionId) bytes += Buffer.byteLength(session.state);
    }
    if (bytes <= userStateBytes) return;
    const message = `the states of this user's sessions would have ${bytes} bytes in this room, more than ${userStateBytes}; say less, or on fewer connections`;
    throw new TidingsError('payload_too_large', message);
  }
}

const ownOf = (room: Room, { userId, sessionId }: SessionKey): OwnSession | undefined =>
  room.own.get(userId)?.get(sessionId);

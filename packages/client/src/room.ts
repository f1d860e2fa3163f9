import {
  type RoomEvent,
  type RoomEventArguments,
  type RoomEventData,
  type SentRoomEvent,
  TidingsError,
} from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import type { Reply } from './requests.ts';
import { readMentions } from './rooms/mentions.ts';
import type { EphemeralRoomEvent, RoomSnapshot, RoomStore } from './rooms/room-store.ts';
import { Rooms } from './rooms/rooms.ts';

export type { PresentMember } from './rooms/members.ts';
export type { EphemeralRoomEvent, RoomSnapshot } from './rooms/room-store.ts';

export interface RoomSendOptions {
  /** Users by id, who are told by a notification if they may follow the room. Not of an ephemeral event. */
  mentions?: readonly string[];
  /** Goes to those who follow the room now, who may miss it, and is never stored. Default false. */
  ephemeral?: boolean;
}

export interface RoomOptions {
  /**
   * False to follow it without being shown there: `members` is empty then, and what mentions this user stays unread. Of several who open a
   * room on one client, one who wants to be seen is enough. Default true.
   */
  presence?: boolean;
}

export interface RoomStateOptions {
  /** Time after which the key is removed by itself, in milliseconds, a second to a year. Default: it stays. */
  ttlMs?: number;
  /** The rev at which the key must be, 0 for a key without a value; else the call rejects with `conflict`. Default: whatever it is. */
  ifRev?: number;
}

/** An event of this name as it comes, stored or not; its `data` is of the type that was declared in `TidingsRoomEvents`. */
export type ReceivedRoomEvent<E extends string> = (Omit<RoomEvent, 'data'> | Omit<EphemeralRoomEvent, 'data'>) & {
  data: RoomEventData<E>;
};

/**
 * A room that is followed, through reconnections, until `close()`: its events, its state and who is there. What was missed while the
 * connection was lost comes in its order when it is back.
 */
export interface Room {
  /** As `project:12`. */
  readonly name: string;
  getSnapshot(): RoomSnapshot;
  /** Calls the listener after changes: at once, then at most once in 16 ms. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Loads the next older page of 50 events. Called again while one is under way it returns that one's promise. */
  loadMore(): Promise<void>;
  /**
   * Calls the handler with each event of this name that is sent from now on, once, in order, ephemeral ones too; `*` is every one. What
   * was missed while the connection was lost follows, unless the server cannot go on from there.
   *
   * @returns what takes the handler off again
   */
  on<E extends string>(event: E, handler: (event: ReceivedRoomEvent<E>) => void): () => void;
  /**
   * Sends an event to the room, and resolves once it is stored; it comes back to this client as to all. Without a connection it waits
   * for one, but an ephemeral one rejects at once, which nobody has to handle. It is not sent again where the connection is lost before
   * the answer. Its `data` is of the type that was declared for it in `TidingsRoomEvents`.
   *
   * @throws TidingsError `forbidden` for who may only read, `unavailable` where the connection was lost before the answer
   */
  send<E extends string>(event: E, ...data: RoomEventArguments<E, RoomSendOptions>): Promise<SentRoomEvent>;
  /** Sets a key of the room's state to anything that is JSON, 4,000 bytes at most. @throws TidingsError `conflict`, `forbidden` */
  setState(key: string, value: unknown, options?: RoomStateOptions): Promise<{ rev: number }>;
  /** Removes a key. @returns whether it had a value @throws TidingsError `conflict`, `forbidden` */
  removeState(key: string, options?: Pick<RoomStateOptions, 'ifRev'>): Promise<{ removed: boolean }>;
  /**
   * Says what this session is doing there, as `{ typing: true }`, to all who are. Said at once, then at most five times a second, the newest
   * only, and again by each new connection, by every transport.
   *
   * @throws TidingsError `bad_request` for a room that was opened with `presence: false`
   */
  setPresence(state: Record<string, unknown>): void;
  /**
   * Marks as read what mentions this user in the room, on all devices: opening the room does so, unless unseen, and a page that stays open calls this when
   * somebody has looked at it again. It shows in the inbox at once, and is rolled back where the server refuses it; the promise then rejects.
   * Without a connection it waits for one. Asking twice does no harm.
   */
  markRead(): Promise<void>;
  /**
   * Asks for a room that is `refused` again, now. Resolves once the server has answered: `status` says how. A call while one is under way
   * returns that one's promise. It is asked for by itself each 30 to 60 s, but in a page in the background.
   */
  retry(): Promise<void>;
  /** Ends it: this object changes no more. The room is left once all who use it on this client have closed it. */
  close(): void;
}

/** The rooms of each client. */
const roomsOf = new WeakMap<TidingsClient, Rooms>();

/**
 * Follows a room of the application's, as `project:12`. May be called before connecting, and as often as wanted: all on one client share
 * what is held.
 *
 * @throws TidingsError `bad_request` for what is no name of a room
 */
export function room(client: TidingsClient, name: string, { presence = true }: RoomOptions = {}): Room {
  if (!/^[a-z][\w-]*:./is.test(name)) {
    throw new TidingsError('bad_request', `a room is named by its kind and its id, as project:12; got ${name}`);
  }
  const rooms = roomsOf.get(client) ?? new Rooms(client);
  roomsOf.set(client, rooms);
  return roomOf(client, rooms.open(name, presence), (store) => rooms.release(store, presence), presence);
}

/** One user's share of a room. */
function roomOf(client: TidingsClient, store: RoomStore, release: (store: RoomStore) => void, isSeen: boolean): Room {
  const { name } = store;
  const { random } = client.parts;
  const offs = new Set<() => void>();
  /** Its last snapshot, once it is closed. */
  let last: RoomSnapshot | null = null;
  let hasPresence = false;
  /** Sent again after a lost connection, it is done once. */
  const once = () => ({ idempotency_key: `${client.now()}-${random()}` });
  const whileOpen = (off: () => void) => {
    if (last) off();
    offs.add(off);
    return () => {
      offs.delete(off);
      off();
    };
  };
  return {
    name,
    getSnapshot: () => last ?? store.getSnapshot(),
    onChange: (listener) => whileOpen(store.onChange(listener)),
    loadMore: () => (last ? Promise.resolve() : store.loadMore()),
    on: (event, handler) =>
      whileOpen(
        // Its type is what the application says.
        store.handlers.add((frame) => (event === '*' || event === frame.event) && handler(frame as never)),
      ),
    send(event, ...[said, { mentions, ephemeral } = {}]) {
      const data = (said ?? {}) as Record<string, unknown>;
      const action = {
        ...({ action: 'send', room: name, event, data } as const),
        ...(mentions && { mentions: [...mentions] }),
      };
      if (!ephemeral) return answerOf(client.request(action));
      const isConnected = client.state.status === 'connected';
      const sent = isConnected
        ? client.request({ ...action, ephemeral })
        : Promise.reject(new TidingsError('unavailable', 'there is no connection; an ephemeral event waits for none'));
      const answer = answerOf<SentRoomEvent>(sent);
      // It may be lost, so nobody has to know.
      answer.catch(() => {});
      return answer;
    },
    setState: (key, value, { ttlMs: ttl_ms, ifRev: if_rev } = {}) =>
      answerOf(client.request({ action: 'set_state', room: name, key, value, ttl_ms, if_rev, ...once() })),
    removeState: (key, { ifRev: if_rev } = {}) =>
      answerOf(client.request({ action: 'remove_state', room: name, key, if_rev, ...once() })),
    markRead: () => (last ? Promise.resolve() : readMentions(client.inbox, name)),
    retry: () => (last ? Promise.resolve() : store.retry()),
    setPresence(state) {
      if (!isSeen) {
        throw new TidingsError('bad_request', `${name} was opened with "presence: false"; open it without to be seen`);
      }
      if (last) return;
      hasPresence = true;
      store.presence.set(state);
    },
    close() {
      if (last) return;
      last = store.getSnapshot();
      for (const off of offs) off();
      if (hasPresence) store.presence.set({});
      release(store);
    },
  };
}

/** The result of an action, which its reply has beside `type` and `ref`. */
async function answerOf<R>(asked: Promise<Reply>): Promise<R> {
  const { type: _type, ref: _ref, ...result } = await asked;
  return result as R;
}

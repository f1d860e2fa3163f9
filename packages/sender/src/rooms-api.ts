import {
  checkJson,
  type RoomAccess,
  type RoomEventArguments,
  type RoomEventPage,
  type RoomMemberPage,
  type RoomMembership,
  type RoomPresence,
  type RoomStateEntry,
  type RoomStateRemoved,
  type RoomStateSet,
  type SentRoomEvent,
  TidingsError,
} from '@tidings/protocol';
import type { Id } from './named/functions.ts';
import type { SenderPort } from './port.ts';

export interface RoomEventOptions {
  /** Sends it to those who follow the room now, who may miss it, and stores nothing. Default false. */
  ephemeral?: boolean;
  /** Users, by id, who are sent a notification if they may follow the room: 100 at most, and not with `ephemeral`. Default: nobody. */
  mentions?: readonly Id[];
  /** Events with the same key are stored once. Default: a key of its own for each call. */
  idempotencyKey?: string;
}

export interface RoomStateOptions {
  /** Time after which the key is removed by itself, ms: a second to a year. Default: it stays. */
  ttlMs?: number;
  /** The rev that the key must have, 0 for a key without a value; else it is `conflict`. Default: whatever it is. */
  ifRev?: number;
  /** Calls with the same key are done once. Default: a key of its own for each call. */
  idempotencyKey?: string;
}

/** Rooms, by their names, as `project:12`. Nobody need create one. */
export interface Rooms {
  /**
   * Sends an event, whose `data` is of the type that was declared for it in `TidingsRoomEvents`. Events of one room take effect in the order
   * of the calls.
   *
   * @throws TidingsError
   */
  send<E extends string>(
    room: string,
    event: E,
    ...data: RoomEventArguments<E, RoomEventOptions>
  ): Promise<SentRoomEvent>;
  /** Makes a user a member, who may read (`r`) or also send (`rw`), or changes the right of one. @throws TidingsError */
  setMember(room: string, userId: Id, access: RoomAccess): Promise<RoomMembership>;
  /** Ends a membership: what is sent to the room from then on is not delivered by it. @throws TidingsError */
  removeMember(room: string, userId: Id): Promise<RoomMembership>;
  /**
   * Reads what was sent, newest first: a page of `limit` (1 to 100, default 20). Its `next_before` is the `before` of the next one.
   *
   * @throws TidingsError
   */
  events(room: string, page?: { before?: number; limit?: number }): Promise<RoomEventPage>;
  /**
   * Lists the members that were set here, in the order of their ids: a page of `limit` (1 to 100, default 20). Its `next_after` is the
   * `after` of the next one.
   *
   * @throws TidingsError
   */
  members(room: string, page?: { after?: Id; limit?: number }): Promise<RoomMemberPage>;
  /** The users who are there now, with the states of their sessions. @throws TidingsError */
  presence(room: string): Promise<RoomPresence['items']>;
  /** The keys that have a value, sorted by key. @throws TidingsError */
  state(room: string): Promise<RoomStateEntry[]>;
  /** Sets a key of the state: anything that is JSON, of 4,000 bytes at most. @throws TidingsError `conflict` where it is not at `ifRev` */
  setState(room: string, key: string, value: unknown, options?: RoomStateOptions): Promise<RoomStateSet>;
  /** Removes a key; nothing changes if it has no value. @throws TidingsError `conflict` where it is not at `ifRev` */
  removeState(room: string, key: string, options?: Omit<RoomStateOptions, 'ttlMs'>): Promise<RoomStateRemoved>;
}

/** The functions for rooms: their events, members and states. */
export function roomsApi(port: SenderPort): Rooms {
  return {
    async send(room, event, ...[said = {}, { ephemeral = false, mentions = [], idempotencyKey } = {}]) {
      const data = said as Record<string, unknown>;
      checkJson(data, 'data');
      const key = idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
      const mentioned = mentions.length === 0 ? {} : { mentions: mentions.map(String) };
      return port.sendRoomEvent(nameOf(room), {
        event,
        data,
        ...mentioned,
        ...(ephemeral ? { ephemeral } : {}),
        ...key,
      });
    },
    setMember: async (room, userId, access) => port.setRoomMember(nameOf(room), String(userId), access),
    removeMember: async (room, userId) => port.removeRoomMember(nameOf(room), String(userId)),
    events: async (room, { before, limit } = {}) =>
      port.roomEvents(nameOf(room), {
        before: wholeNumber(before, 'before', Number.MAX_SAFE_INTEGER),
        limit: pageOf(limit),
      }),
    members: async (room, { after, limit } = {}) =>
      port.roomMembers(nameOf(room), { after: after === undefined ? undefined : String(after), limit: pageOf(limit) }),
    presence: async (room) => (await port.roomPresence(nameOf(room))).items,
    state: async (room) => (await port.roomState(nameOf(room))).items,
    async setState(room, key, value, { ttlMs, ifRev, idempotencyKey } = {}) {
      checkJson(value, 'value');
      return port.setRoomState(nameOf(room), key, {
        value,
        ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs }),
        ...(ifRev === undefined ? {} : { if_rev: ifRev }),
        ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      });
    },
    removeState: async (room, key, { ifRev, idempotencyKey } = {}) =>
      port.removeRoomState(nameOf(room), key, {
        ...(ifRev === undefined ? {} : { if_rev: ifRev }),
        ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      }),
  };
}

export function nameOf(room: string): string {
  if (typeof room === 'string' && /^[^:]+:./s.test(room)) return room;
  throw new TidingsError('bad_request', `a room is named by its kind and its id, as project:12; got ${String(room)}`);
}

export const pageOf = (limit: number | undefined): number | undefined => wholeNumber(limit, 'limit', 100);

function wholeNumber(value: number | undefined, name: string, atMost: number): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= atMost)) return value;
  throw new TidingsError('bad_request', `${name} must be a whole number from 1 to ${atMost}; got ${String(value)}`);
}

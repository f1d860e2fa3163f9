import { checkJson, type RoomAccess, type RoomMembership, type SentRoomEvent, TidingsError } from '@tidings/protocol';
import type { Id } from './named/functions.ts';
import type { SenderPort } from './port.ts';

export interface RoomEventOptions {
  /** Sends it to those who follow the room now, who may miss it, and stores nothing. Default false. */
  ephemeral?: boolean;
  /** Events with the same key are stored once. Default: a key of its own for each call. */
  idempotencyKey?: string;
}

/** Rooms, by their names, as `project:12`. Nobody need create one. */
export interface Rooms {
  /** Sends an event. Events of one room take effect in the order of the calls. @throws TidingsError */
  send(room: string, event: string, data?: Record<string, unknown>, options?: RoomEventOptions): Promise<SentRoomEvent>;
  /** Makes a user a member, who may read (`r`) or also send (`rw`), or changes the right of one. @throws TidingsError */
  setMember(room: string, userId: Id, access: RoomAccess): Promise<RoomMembership>;
  /** Ends a membership: what is sent to the room from then on is not delivered by it. @throws TidingsError */
  removeMember(room: string, userId: Id): Promise<RoomMembership>;
}

/** The functions for rooms: their events and members. */
export function roomsApi(port: SenderPort): Rooms {
  return {
    async send(room, event, data = {}, { ephemeral = false, idempotencyKey } = {}) {
      checkJson(data, 'data');
      const key = idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
      return port.sendRoomEvent(nameOf(room), { event, data, ...(ephemeral ? { ephemeral } : {}), ...key });
    },
    setMember: async (room, userId, access) => port.setRoomMember(nameOf(room), String(userId), access),
    removeMember: async (room, userId) => port.removeRoomMember(nameOf(room), String(userId)),
  };
}

function nameOf(room: string): string {
  if (typeof room === 'string' && /^[^:]+:./s.test(room)) return room;
  throw new TidingsError('bad_request', `a room is named by its kind and its id, as project:12; got ${String(room)}`);
}

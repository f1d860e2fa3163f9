import { hash } from 'node:crypto';
import { plainRecord } from './room-events.ts';
import { roomTopic } from './rooms.ts';
import type { PutWrite } from './writes.ts';

/** The value of one key of a room, as somebody sets it. */
export interface RoomStateEntry {
  room: string;
  key: string;
  /** Anything that is JSON. */
  value: unknown;
  /** Null for one of a back end. */
  from: { user_id: string; username: string } | null;
  /** When it is removed by itself, epoch milliseconds; null for never. */
  expiresAt: number | null;
}

/** The id of the record of a key: of bounded length, whatever room and key are called. */
export const roomStateId = (room: string, key: string): string =>
  `s${hash('sha256', `${room}\0${key}`, 'base64url').slice(0, 25)}`;

/** The record of a key, each value a new version of it. `at` in epoch milliseconds. @param expect, once, keys as of a `PutWrite`, `once` its `key` */
export function roomStateRecord(
  { room, key, value, from, expiresAt }: RoomStateEntry,
  at: number,
  { expect, once, keys }: { expect: number | null | undefined; once: PutWrite['key']; keys: PutWrite['keys'] },
): PutWrite {
  const id = roomStateId(room, key);
  const ends = expiresAt === null ? {} : { expires_at: new Date(expiresAt).toISOString() };
  const timestamp = new Date(at).toISOString();
  return {
    ...plainRecord,
    ...{ id, kind: 'room_state', topics: [roomTopic(room)], at, key: once, dueAt: expiresAt },
    body: JSON.stringify({ type: 'room_state', id, timestamp, room, key, value, from, ...ends, data: {} }),
    ...(expect === undefined ? {} : { expect }),
    ...(keys === undefined ? {} : { keys }),
  };
}

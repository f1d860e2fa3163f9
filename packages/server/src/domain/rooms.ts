import type { Change, PutWrite } from './writes.ts';

/** A shared place of the application's, such as `project:12`. It exists by its name: nobody creates it. */
export interface Room {
  /** Letters, digits, `_` and `-`, beginning with a letter: at most 64. */
  kind: string;
  id: string;
}

/** A right in a room: `r` to follow it and to read its history, `rw` to send to it as well. */
export type RoomAccess = 'r' | 'rw';

export const roomPrefix = 'room:';
export const isRoomTopic = (topic: string): boolean => topic.startsWith(roomPrefix);

/** The name of a room, as clients and grants write it. */
export const roomName = ({ kind, id }: Room): string => `${kind}:${id}`;
export const roomTopic = (name: string): string => `${roomPrefix}${name}`;
export const roomOfTopic = (topic: string): string => topic.slice(roomPrefix.length);

/** The rest of a record that asks nobody for attention, and is in no inbox. */
const plainRecord: Omit<PutWrite, 'id' | 'kind' | 'topics' | 'body' | 'at' | 'key' | 'expect'> = {
  ...{ op: 'put', viewers: null, state: null, alert: 'never', expired: false, category: '', type: null, search: null },
  ...{ dueAt: null, collapse: null, owner: null, status: null, externalId: null },
};

/** An event as it is sent to those who follow the room, but for its id and rev. */
export interface RoomEvent {
  room: string;
  event: string;
  /** Null for one of a back end. */
  from: { user_id: string; username: string } | null;
  data: Record<string, unknown>;
}

/** The frame of an event: with an id if it is stored, without one if it is ephemeral. `at` in epoch milliseconds. */
export const roomEventFrame = ({ room, event, from, data }: RoomEvent, at: number, id?: string): object => ({
  ...{ type: 'room_event', id, timestamp: new Date(at).toISOString(), room, event, from, data },
});

/** The record of an event. */
export const roomEventRecord = (id: string, sent: RoomEvent, at: number, key: PutWrite['key']): PutWrite => ({
  ...{ ...plainRecord, id, kind: 'room_event', topics: [roomTopic(sent.room)], at, key, expect: null },
  body: JSON.stringify(roomEventFrame(sent, at, id)),
});

/** The record that replaces an event when it is retracted, for clients that come back later. */
export const retractedEvent = ({ id, topics, rev }: Pick<Change, 'id' | 'topics' | 'rev'>, at: number): PutWrite => ({
  ...{ ...plainRecord, id, kind: 'retracted', topics, at, key: null, expect: rev },
  body: JSON.stringify({ type: 'retracted', id, timestamp: new Date(at).toISOString(), data: {} }),
});

/** The most characters of a name, the same as of every id. */
const longestName = 256;

/** Reads a name, as `project:12`; null if it is none. The id may have any character, `:` too. */
export function parseRoom(name: string): Room | null {
  const [, kind, id] = /^([A-Za-z][A-Za-z0-9_-]{0,63}):(.+)$/s.exec(name) ?? [];
  const isText = name.length <= longestName && name.isWellFormed() && !name.includes('\0');
  return kind !== undefined && id !== undefined && isText ? { kind, id } : null;
}

/** The right that the grants of a token give in a room, as `project:12:rw` or `project:*:r`; null for none. */
export function grantedAccess(grants: readonly string[], room: Room): RoomAccess | null {
  let found: RoomAccess | null = null;
  for (const grant of grants) {
    const end = grant.lastIndexOf(':');
    const [named, access] = [parseRoom(grant.slice(0, end)), grant.slice(end + 1)];
    if (named?.kind !== room.kind || (named.id !== '*' && named.id !== room.id)) continue;
    if (access === 'rw') return 'rw';
    if (access === 'r') found = 'r';
  }
  return found;
}

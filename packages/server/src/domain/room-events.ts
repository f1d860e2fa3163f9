import { roomTopic } from './rooms.ts';
import type { Change, PutWrite } from './writes.ts';

/** The rest of a record that asks nobody for attention, and is in no inbox. */
export const plainRecord: Omit<PutWrite, 'id' | 'kind' | 'topics' | 'body' | 'at' | 'key' | 'expect'> = {
  ...{ op: 'put', viewers: null, state: null, alert: 'never', expired: false, category: '', type: null, search: null },
  ...{ dueAt: null, collapse: null, owner: null, status: null, externalId: null },
};

/** An event of a room, as somebody sends it. */
export interface RoomEvent {
  room: string;
  event: string;
  /** Null for one of a back end. */
  from: { user_id: string; username: string } | null;
  /** The users who are told of it, by id. Default: nobody. */
  mentions?: readonly string[];
  data: Record<string, unknown>;
}

/** The members of an event's frame beside its type and id. `at` in epoch milliseconds. */
const fieldsOf = ({ room, event, from, mentions = [], data }: RoomEvent, at: number) => ({
  ...{ timestamp: new Date(at).toISOString(), room, event, from, ...(mentions.length > 0 && { mentions }), data },
});

/** The frame of an event that is not stored. */
export const ephemeralFrame = (sent: RoomEvent, at: number): object => ({
  type: 'ephemeral_event',
  ...fieldsOf(sent, at),
});

/** The record of an event. */
export const roomEventRecord = (id: string, sent: RoomEvent, at: number, key: PutWrite['key']): PutWrite => ({
  ...{ ...plainRecord, id, kind: 'room_event', topics: [roomTopic(sent.room)], at, key, expect: null },
  body: JSON.stringify({ type: 'room_event', id, ...fieldsOf(sent, at) }),
});

/** The record that replaces an event, or the value of a key, when it is retracted, for clients that come back later. */
export const retractedRecord = ({ id, topics, rev }: Pick<Change, 'id' | 'topics' | 'rev'>, at: number): PutWrite => ({
  ...{ ...plainRecord, id, kind: 'retracted', topics, at, key: null, expect: rev },
  body: JSON.stringify({ type: 'retracted', id, timestamp: new Date(at).toISOString(), data: {} }),
});

import { isRoomTopic, type RoomAccess } from '../domain/rooms.ts';
import type { RoomStore } from '../domain/store/rooms.ts';
import { personalOf } from './record-rows.ts';
import { type SqlDatabase, type Step, step } from './steps.ts';

/** Nobody's: events of rooms are neither read nor unread. */
const noWatermark = { rev: 0, at: null };

/** More keys than a room can have. */
export const mostKeys = 1_000;

/** The topics of a record of a room, as stored. */
export const storedTopics = (topic: string): string => JSON.stringify([topic]);

/** Reads the state of a room. @param defaultStart as of `membershipStart` */
export const roomStateStep = (topic: string, userId: string, defaultStart: number | null): Step<'roomState'> =>
  step('roomState', { topic, userId, defaultStart, topics: storedTopics(topic), limit: mostKeys });

/** Reads the newest records of a topic that is not shared; of a room its events. */
export const newestStep = (
  params: { topic: string; userId: string; defaultStart: number | null },
  limit: number,
): Step<'topicNewest' | 'roomEvents'> =>
  isRoomTopic(params.topic)
    ? step('roomEvents', { ...params, topics: storedTopics(params.topic), before: Number.MAX_SAFE_INTEGER, limit })
    : step('topicNewest', { ...params, limit });

/** Members, events and states of rooms. */
export const roomReads = (database: SqlDatabase): RoomStore => ({
  async roomMembership(userId, topic) {
    const [row] = await database.rows(step('roomMembership', { userId, topic }));
    return row ? { access: row.access as RoomAccess, rev: row.rev } : null;
  },

  async roomMembers(topic, after, limit) {
    const rows = await database.rows(step('roomMembers', { topic, after, limit }));
    return rows.map(({ user_id, username, access }) => ({
      ...{ userId: user_id, username, access: access as RoomAccess },
    }));
  },

  async roomEvents({ topic, userId, isGranted, before, limit }) {
    const params = { topic, userId, topics: storedTopics(topic), defaultStart: isGranted ? 0 : null };
    const newest = { ...params, before: before ?? Number.MAX_SAFE_INTEGER, limit };
    const { rows, full } = await database.page(step('roomEvents', newest), limit);
    return { events: rows.map((row) => personalOf(row, noWatermark)), full };
  },

  async roomState({ topic, userId, isGranted }) {
    const { rows } = await database.page(roomStateStep(topic, userId, isGranted ? 0 : null), mostKeys);
    return rows.map((row) => personalOf(row, noWatermark));
  },
});

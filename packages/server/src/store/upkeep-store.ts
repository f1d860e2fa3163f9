import { roomPrefix } from '../domain/rooms.ts';
import type { DeliveredMarks } from '../domain/store/catch-up.ts';
import type { OutboxStore } from '../domain/store/outbox.ts';
import type { OldEvent, RetentionStore } from '../domain/store/retention.ts';
import type { Revocation, RevocationStore } from '../domain/store/revocations.ts';
import type { SqlEngine } from './engine.ts';
import { recordPageOf } from './record-rows.ts';
import { storedTopics } from './room-reads.ts';
import { type SqlDatabase, step } from './steps.ts';

const oldEventOf = ({ id, rev, topics }: { id: string; rev: number; topics: string }): OldEvent => ({
  ...{ id, rev, topics: JSON.parse(topics) },
});

/** Reads and writes beside commits: marks, retention, revocations. */
export const upkeepStore = (
  engine: SqlEngine,
  database: SqlDatabase,
): DeliveredMarks & RetentionStore & RevocationStore => ({
  async markDelivered(revs) {
    if (revs.size > 0) await engine.delivered([...revs]);
  },

  async notificationsBetween(after, upTo, limit) {
    return recordPageOf(await database.page(step('notificationsBetween', { after, upTo, limit }), limit));
  },

  revAt: async (at) => (await database.rows(step('markBefore', { at })))[0]?.rev ?? 0,

  async exceedingNewest(topic, newest, limit) {
    const [next] = await database.rows(step('nextTopic', { topic }));
    if (!next) return null;
    const rows = await database.rows(step('exceedingNewest', { topic: next.topic, newest, limit }));
    return { topic: next.topic, ids: rows.map(({ id }) => id) };
  },

  async roomEventsBetween(after, upTo, limit) {
    const { rows, full } = await database.page(step('roomEventsBetween', { after, upTo, limit }), limit);
    return { events: rows.map(oldEventOf), full };
  },

  async exceedingEvents(topic, newestOf, limit) {
    // `room:` comes before the topic of every room.
    const [next] = await database.rows(step('nextRoom', { topic: topic || roomPrefix }));
    if (!next) return null;
    const rows = await database.rows(
      step('exceedingEvents', { topics: storedTopics(next.topic), newest: newestOf(next.topic), limit }),
    );
    return { topic: next.topic, events: rows.map(oldEventOf) };
  },

  forgetRetractions: (before, limit) => engine.forgetRetractions(before, limit),

  async forgetKeys(before, limit) {
    await database.write({ forgetKeys: step('forgetKeys', { before, limit }) });
  },

  async revoke(revocation) {
    await database.write({ revocation: step('addRevocation', revocation) });
  },

  async revocations(after) {
    const rows = await database.rows(step('revocationsAfter', { after }));
    const items = rows.map(({ kind, value, reason, at }) => ({ kind: kind as Revocation['kind'], value, reason, at }));
    return { items, upTo: rows.at(-1)?.ordinal ?? after };
  },
});

/** The table that applications write to in transactions of their own. */
export const outboxStore = (engine: SqlEngine, database: SqlDatabase): OutboxStore => ({
  hasOutbox: engine.hasOutbox,

  async takeOutbox(limit, lease) {
    const now = await database.now();
    const { taken } = await database.write({
      locked: step('lockOutbox'),
      taken: step('takeOutbox', { now, until: now + lease, limit }),
    });
    return taken.sort((a, b) => a.id - b.id);
  },

  async refuseOutbox(id, error) {
    await database.write({ refused: step('refuseOutbox', { id, error }) });
  },
});

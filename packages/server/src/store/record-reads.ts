import type { AnswerStore, KeyStore, RecordStore, TaskQuery, TaskStore, UsedKey } from '../domain/store/records.ts';
import type { DueItemStore, ScheduleStore } from '../domain/store/schedule.ts';
import type { UsernameStore, UserStore } from '../domain/store/users.ts';
import { recordPageOf, storedOf } from './record-rows.ts';
import { pageOfOne, type SqlDatabase, step } from './steps.ts';
import { userOf } from './user-rows.ts';

/** Records by id, kind and time. */
export const recordReads = (
  database: SqlDatabase,
): RecordStore & KeyStore & TaskStore & AnswerStore & ScheduleStore & DueItemStore => ({
  async record(id) {
    const [row] = await database.rows(step('record', { id }));
    return row ? storedOf(row) : null;
  },

  linkedTo: async (taskId) => (await database.rows(step('linkedTo', { taskId }))).map(storedOf),

  async linkCount(taskId) {
    const [row] = await database.rows(step('linkCount', { taskId }));
    return Number(row?.n ?? 0);
  },

  async usedKeys(keys) {
    const { found } = await database.read({ found: keys.map((key) => step('findKey', { key })) });
    const used = found.flatMap(([row], i): [string, UsedKey][] =>
      row ? [[keys[i] as string, { hash: row.hash, id: row.record_id, rev: row.rev }]] : [],
    );
    return new Map(used);
  },

  tasks: async (query) => recordPageOf(await database.page(taskStep(query), query.limit)),

  answersAfter: async (after, limit) =>
    recordPageOf(await database.page(step('answersAfter', { after, limit }), limit)),

  async scheduled({ after, limit }) {
    const place = after ?? { dueAt: 0, id: '' };
    return recordPageOf(await database.page(step('scheduled', { ...place, limit }), limit));
  },

  async dueItems(limit) {
    const now = await database.now();
    const due = { now, limit };
    const { due: found, snoozed } = await database.read({
      due: pageOfOne(step('dueRecords', due), limit),
      snoozed: step('dueReceipts', due),
    });
    return {
      now,
      records: found.rows.map(storedOf),
      snoozed: snoozed.map((row) => ({ userId: row.user_id, recordId: row.record_id })),
      full: found.full || snoozed.length >= limit,
    };
  },
});

function taskStep({ owner, status, before: newest, limit }: TaskQuery) {
  const before = newest ?? Number.MAX_SAFE_INTEGER;
  if (owner !== null) return step('tasksOfOwner', { owner, before, limit });
  if (status !== null) return step('tasksOfStatus', { status, before, limit });
  return step('tasks', { before, limit });
}

/** Users and their names. */
export const userReads = (database: SqlDatabase): UserStore & UsernameStore => ({
  user: async (userId) => userOf((await database.rows(step('user', { userId })))[0]),
  username: async (userId) => (await database.rows(step('user', { userId })))[0]?.username ?? null,
  userId: async (username) => (await database.rows(step('userByName', { username })))[0]?.user_id ?? null,
});

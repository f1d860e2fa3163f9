import { isRoomTopic } from '../domain/rooms.ts';
import type { CatchUpStore, TopicStore } from '../domain/store/catch-up.ts';
import type { CountStore, InboxStore } from '../domain/store/inbox.ts';
import { isShared, userTopic } from '../domain/topics.ts';
import { countSteps, countsOf, defaultStartOf } from './counts.ts';
import { inboxOf, inboxSteps } from './inbox-pages.ts';
import { initialOf, initialSteps, inOrder, pageOf, pageSteps, plainPageOf, plainSteps } from './pages.ts';
import { personalOf } from './record-rows.ts';
import { mostKeys, newestStep, roomStateStep } from './room-reads.ts';
import { pageOfAll, pageOfOne, type SqlDatabase, step } from './steps.ts';
import { membershipStartsOf, watermarkOf } from './user-rows.ts';

/** A user's own view of the sequence: what a session is behind with, the inbox, and its counts. */
export const sessionReads = (database: SqlDatabase): CatchUpStore & TopicStore & InboxStore & CountStore => ({
  async changesSince(query) {
    const plain = query.takesPlain ? plainPageOf(query, await database.read(plainSteps(query))) : null;
    return plain ?? pageOf(query, await database.read(pageSteps(query)));
  },

  initialSnapshot: async (query) => initialOf(await database.read(initialSteps(query))),

  async topicSnapshot(topics, limit, userId, granted) {
    const { sequence, user, memberships, newest, states } = await database.read({
      ...{
        sequence: step('sequence'),
        user: step('user', { userId }),
        memberships: step('memberships', { userId, after: Number.MAX_SAFE_INTEGER }),
      },
      newest: pageOfAll(
        topics.map((topic) => {
          const params = { userId, topic, defaultStart: defaultStartOf(topic, granted) };
          return isShared(topic) ? step('sharedNewest', { ...params, limit }) : newestStep(params, limit);
        }),
        topics.length * limit,
        'rev',
        'desc',
      ),
      states: topics
        .filter(isRoomTopic)
        .map((topic) => pageOfOne(roomStateStep(topic, userId, defaultStartOf(topic, granted)), mostKeys)),
    });
    const watermark = watermarkOf(user[0]);
    const rows = [newest, ...states].flatMap((page) => page.rows);
    const changes = inOrder(rows.map((row) => personalOf(row, watermark)));
    return { head: Number(sequence[0]?.head), changes, membershipStarts: membershipStartsOf(memberships) };
  },

  async isInInbox(userId, topics, id) {
    const { found } = await database.read({
      found: topics.map((topic) => step('inboxRecord', { id, userId, topic, defaultStart: defaultStartOf(topic) })),
    });
    return found.some((rows) => rows.length > 0);
  },

  async unreadOf(userId, externalId) {
    const rows = await database.rows(step('unreadExternal', { userId, topic: userTopic(userId), externalId }));
    return rows.map(({ id }) => id);
  },

  inbox: async (query) => inboxOf(query, await database.list(inboxSteps(query))),

  async counts(userId) {
    const { sequence, counts } = await database.read({ sequence: step('sequence'), counts: countSteps(userId) });
    return { ...countsOf(counts), asOf: Number(sequence[0]?.head) };
  },
});

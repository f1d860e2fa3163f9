import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * The hot statements, compiled once. Each takes its parameters in the order its comment gives.
 * They hold no value themselves: what stands where a value goes is a place holder.
 */
export function statements(db: Kysely<Schema>) {
  return { ...sequenceStatements(db), ...recordStatements(db), ...topicStatements(db), ...peopleStatements(db) };
}
export type Statements = ReturnType<typeof statements>;

/** What `unreadCount` takes. */
export const unreadParams = (userId: string, topic: string): string[] => [userId, topic, userId, userId];

const text = '';
const number = 0;

function sequenceStatements(db: Kysely<Schema>) {
  return {
    sequence: db.selectFrom('sequence').select(['head', 'floor']).compile().sql,
    /** head */
    setHead: db.updateTable('sequence').set({ head: number }).compile().sql,
    terms: db.selectFrom('terms').select(['term', 'from_rev']).orderBy('ordinal').compile().sql,
    lastTerm: db.selectFrom('terms').select(['term', 'from_rev']).orderBy('ordinal', 'desc').limit(sql.lit(1)).compile()
      .sql,
    /** term, from_rev */
    addTerm: db.insertInto('terms').values({ term: text, from_rev: number }).compile().sql,
  };
}

function recordStatements(db: Kysely<Schema>) {
  const columns = ['rev', 'id', 'kind', 'topics', 'audience', 'body'] as const;
  return {
    /** id */
    revOf: db.selectFrom('records').select(['rev']).where('id', '=', text).compile().sql,
    /** id */
    record: db
      .selectFrom('records')
      .select([...columns, 'state'])
      .where('id', '=', text)
      .compile().sql,
    /** rev */
    recordAt: db.selectFrom('records').selectAll().where('rev', '=', number).compile().sql,
    /** rev, id, kind, topics, audience, body, state, owner, status, external_id, at */
    insertRecord: db
      .insertInto('records')
      .values({
        ...{ rev: number, id: text, kind: text, topics: text, audience: text, body: text },
        ...{ state: text, owner: text, status: text, external_id: text, at: number },
      })
      .compile().sql,
    /** rev */
    deleteRecord: db.deleteFrom('records').where('rev', '=', number).compile().sql,
    /** from, to */
    range: db
      .selectFrom('records')
      .select(columns)
      .where('rev', '>=', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .compile().sql,
    /** before, limit */
    tasks: db
      .selectFrom('records')
      .select([...columns, 'state'])
      .where('status', 'is not', null)
      .where('rev', '<', number)
      .orderBy('rev', 'desc')
      .limit(1)
      .compile().sql,
    /** owner, before, limit */
    tasksOfOwner: db
      .selectFrom('records')
      .select([...columns, 'state'])
      .where('owner', '=', text)
      .where('rev', '<', number)
      .orderBy('rev', 'desc')
      .limit(1)
      .compile().sql,
    /** status, before, limit */
    tasksOfStatus: db
      .selectFrom('records')
      .select([...columns, 'state'])
      .where('status', '=', text)
      .where('rev', '<', number)
      .orderBy('rev', 'desc')
      .limit(1)
      .compile().sql,
    /** key */
    findKey: db.selectFrom('idempotency').select(['hash', 'record_id', 'rev']).where('key', '=', text).compile().sql,
    /** key, hash, record_id, rev, at */
    insertKey: db
      .insertInto('idempotency')
      .values({ key: text, hash: text, record_id: text, rev: number, at: number })
      .compile().sql,
    /** at, limit: forgets a bounded number of the oldest keys */
    forgetKeys: db
      .deleteFrom('idempotency')
      .where('key', 'in', (e) =>
        e.selectFrom('idempotency').select('key').where('at', '<', number).orderBy('at').limit(1),
      )
      .compile().sql,
  };
}

function topicStatements(db: Kysely<Schema>) {
  const joined = db
    .selectFrom('record_topics as t')
    .innerJoin('records as r', 'r.rev', 't.rev')
    .leftJoin('receipts as c', (j) => j.on('c.user_id', '=', text).onRef('c.record_id', '=', 't.record_id'))
    .select(['r.rev', 'r.id', 'r.kind', 'r.topics', 'r.audience', 'r.body', 't.alert_rev'])
    .select(['c.seen_at', 'c.read_at', 'c.read_rev', 'c.archived_at', 'c.snoozed_until']);
  /** Most records ask for attention once, when they are stored, and are found there; an index holds only the others. */
  const hasNotMoved = sql<boolean>`t.alert_rev = t.rev`;
  const hasMovedSince = sql<boolean>`t.alert_rev > 0 and t.alert_rev < t.rev`;
  const alerts = db
    .selectFrom('records as r')
    .innerJoin('record_topics as t', 't.rev', 'r.rev')
    .select(['r.id', 't.alert_rev']);
  const watermark = sql<number>`coalesce((select read_upto from users where user_id = ${text}), 0)`;
  const isUnread = sql<boolean>`(c.read_rev is null or c.read_rev < t.alert_rev)`;
  return {
    /** topic, rev, record_id, alert_rev */
    insertTopic: db
      .insertInto('record_topics')
      .values({ topic: text, rev: number, record_id: text, alert_rev: number })
      .compile().sql,
    /** topic, rev */
    deleteTopic: db.deleteFrom('record_topics').where('topic', '=', text).where('rev', '=', number).compile().sql,
    /** topic */
    revsOfTopic: db.selectFrom('record_topics').select(['rev']).where('topic', '=', text).orderBy('rev').compile().sql,
    /** id, topic: a topic's record, and the rev at which it last asked for attention */
    alertById: alerts.where('r.id', '=', text).where('t.topic', '=', text).compile().sql,
    /** external_id, topic: the same by the application's own id, newest first */
    alertByExternalId: alerts
      .where('r.external_id', '=', text)
      .where('t.topic', '=', text)
      .orderBy('r.rev', 'desc')
      .compile().sql,
    /** user_id, topic, after, limit: oldest first */
    topicAfter: joined.where('t.topic', '=', text).where('t.rev', '>', number).orderBy('t.rev').limit(1).compile().sql,
    /** user_id, topic, before, limit: newest first, of what asks for attention; what has changed since is in the other */
    inboxBefore: joined
      .where('t.topic', '=', text)
      .where('t.rev', '<', number)
      .where(hasNotMoved)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    inboxMovedBefore: joined
      .where('t.topic', '=', text)
      .where(hasMovedSince)
      .where('t.alert_rev', '<', number)
      .orderBy('t.alert_rev', 'desc')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, limit: oldest first, of what was written to no session of the user */
    undelivered: joined
      .where('t.topic', '=', text)
      .where('t.rev', '>', sql<number>`coalesce((select delivered_upto from users where user_id = ${text}), 0)`)
      .orderBy('t.rev')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, limit: newest first; what has changed since it asked is in the other */
    unreadNewest: joined
      .where('t.topic', '=', text)
      .where('t.rev', '>', watermark)
      .where(hasNotMoved)
      .where(isUnread)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    unreadMovedNewest: joined
      .where('t.topic', '=', text)
      .where(hasMovedSince)
      .where('t.alert_rev', '>', watermark)
      .where(isUnread)
      .orderBy('t.alert_rev', 'desc')
      .limit(1)
      .compile().sql,
    /** topic, limit: newest first */
    topicNewest: db
      .selectFrom('record_topics as t')
      .innerJoin('records as r', 'r.rev', 't.rev')
      .select(['r.rev', 'r.id', 'r.kind', 'r.topics', 'r.audience', 'r.body'])
      .where('t.topic', '=', text)
      .orderBy('t.rev', 'desc')
      .limit(1)
      .compile().sql,
    /** user_id, topic, user_id, user_id */
    unreadCount: db
      .selectFrom('record_topics as t')
      .leftJoin('receipts as c', (j) => j.on('c.user_id', '=', text).onRef('c.record_id', '=', 't.record_id'))
      .select(sql<number>`count(*)`.as('n'))
      .where('t.topic', '=', text)
      .where('t.rev', '>', watermark)
      .where('t.alert_rev', '>', watermark)
      .where(isUnread)
      .compile().sql,
  };
}

function peopleStatements(db: Kysely<Schema>) {
  const receipt = [
    'user_id',
    'record_id',
    'rev',
    'seen_at',
    'read_at',
    'read_rev',
    'archived_at',
    'snoozed_until',
  ] as const;
  return {
    /** user_id, record_id, rev, seen_at: seen, once */
    markSeen: db
      .insertInto('receipts')
      .values({ user_id: text, record_id: text, rev: number, seen_at: number, read_rev: sql`0` })
      .onConflict((c) =>
        c.columns(['user_id', 'record_id']).doUpdateSet({
          rev: (e) => e.ref('excluded.rev'),
          seen_at: sql`coalesce(receipts.seen_at, excluded.seen_at)`,
        }),
      )
      .compile().sql,
    /** user_id, record_id, rev, seen_at, read_at, read_rev: read, and so seen */
    markRead: db
      .insertInto('receipts')
      .values({ user_id: text, record_id: text, rev: number, seen_at: number, read_at: number, read_rev: number })
      .onConflict((c) =>
        c.columns(['user_id', 'record_id']).doUpdateSet({
          rev: (e) => e.ref('excluded.rev'),
          seen_at: sql`coalesce(receipts.seen_at, excluded.seen_at)`,
          read_at: (e) => e.ref('excluded.read_at'),
          read_rev: (e) => e.ref('excluded.read_rev'),
        }),
      )
      .compile().sql,
    /** user_id, record_id */
    receipt: db
      .selectFrom('receipts')
      .select(receipt)
      .where('user_id', '=', text)
      .where('record_id', '=', text)
      .compile().sql,
    /** user_id, after, limit */
    receiptsAfter: db
      .selectFrom('receipts')
      .select(receipt)
      .where('user_id', '=', text)
      .where('rev', '>', number)
      .orderBy('rev')
      .limit(1)
      .compile().sql,
    /** from, to */
    receiptsRange: db
      .selectFrom('receipts')
      .select(receipt)
      .where('rev', '>=', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .compile().sql,
    /** from, to: users whose watermark moved */
    watermarksRange: db
      .selectFrom('users')
      .select(['user_id', 'read_upto', 'read_upto_rev', 'read_upto_at'])
      .where('read_upto_rev', '>', sql<number>`0`)
      .where('read_upto_rev', '>=', number)
      .where('read_upto_rev', '<=', number)
      .compile().sql,
    /** user_id */
    user: db
      .selectFrom('users')
      .select(['user_id', 'username', 'read_upto', 'read_upto_at', 'read_upto_rev', 'delivered_upto'])
      .where('user_id', '=', text)
      .compile().sql,
    /** username */
    userByName: db.selectFrom('users').select(['user_id']).where('username', '=', text).compile().sql,
    /** user_id, username */
    nameUser: db
      .insertInto('users')
      .values({ user_id: text, username: text })
      .onConflict((c) => c.column('user_id').doUpdateSet({ username: (e) => e.ref('excluded.username') }))
      .compile().sql,
    /** username */
    unnameUser: db.updateTable('users').set({ username: sql`null` }).where('username', '=', text).compile().sql,
    /** user_id, read_upto, read_upto_at, read_upto_rev */
    setReadUpto: db
      .insertInto('users')
      .values({ user_id: text, read_upto: number, read_upto_at: number, read_upto_rev: number })
      .onConflict((c) =>
        c.column('user_id').doUpdateSet({
          read_upto: (e) => e.ref('excluded.read_upto'),
          read_upto_at: (e) => e.ref('excluded.read_upto_at'),
          read_upto_rev: (e) => e.ref('excluded.read_upto_rev'),
        }),
      )
      .compile().sql,
    /** rev, user_id, rev */
    setDelivered: db
      .updateTable('users')
      .set({ delivered_upto: number })
      .where('user_id', '=', text)
      .where('delivered_upto', '<', number)
      .compile().sql,
  };
}

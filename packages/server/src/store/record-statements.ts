import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** Records and idempotency keys. */
export function recordStatements(db: Kysely<Schema>) {
  const changed = ['rev', 'id', 'kind', 'topics', 'audience', 'body', 'alert_rev', 'expired', 'collapse'] as const;
  const stored = [...changed, 'state', 'status', 'external_id', 'category', 'due_at', 'at'] as const;
  const records = db.selectFrom('records').select(stored);
  const tasks = records.where('kind', '=', sql.lit('task')).orderBy('rev', 'desc');
  const notifications = records.where('kind', '=', sql.lit('notification'));
  return {
    /** id */
    record: records.where('id', '=', text).compile().sql,
    /** id: at which rev a record is, and who hears it */
    placeOf: db.selectFrom('records').select(['id', 'rev', 'topics']).where('id', '=', text).compile().sql,
    /** collapse: the live notification, of those that ask for attention, that a newer one may take the place of */
    collapsible: db
      .selectFrom('records')
      .select(['id', 'rev', 'topics'])
      .where('collapse', '=', text)
      .where('kind', '=', sql.lit('notification'))
      .where('alert_rev', '>', sql.lit(0))
      .where('expired', '=', sql.lit(0))
      .where('status', 'is', null)
      .orderBy('alert_rev', 'desc')
      .limit(sql.lit(1))
      .compile().sql,
    /** rev */
    recordAt: db.selectFrom('records').selectAll().where('rev', '=', number).compile().sql,
    /** rev, id, kind, topics, audience, body, state, owner, status, external_id, at, type, search, collapse, due_at, category, alert_rev, expired */
    insertRecord: db
      .insertInto('records')
      .values({
        ...{ rev: number, id: text, kind: text, topics: text, audience: text, body: text },
        ...{ state: text, owner: text, status: text, external_id: text, at: number },
        ...{ type: text, search: text, collapse: text, due_at: number, category: text },
        ...{ alert_rev: number, expired: number },
      })
      .compile().sql,
    /** rev */
    deleteRecord: db.deleteFrom('records').where('rev', '=', number).compile().sql,
    /** from, to */
    range: db
      .selectFrom('records')
      .select(changed)
      .where('rev', '>=', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .compile().sql,
    /** before, limit */
    tasks: tasks.where('status', 'is not', null).where('rev', '<', number).limit(1).compile().sql,
    /** owner, before, limit */
    tasksOfOwner: tasks.where('owner', '=', text).where('rev', '<', number).limit(1).compile().sql,
    /** status, before, limit */
    tasksOfStatus: tasks.where('status', '=', text).where('rev', '<', number).limit(1).compile().sql,
    /** due_at, due_at, id, limit: what waits to be released past a place, soonest first */
    scheduled: notifications
      .where('status', '=', sql.lit('scheduled'))
      .where('due_at', '>=', number)
      .where((e) => e.or([e('due_at', '>', number), e('id', '>', text)]))
      .orderBy('due_at')
      .orderBy('id')
      .limit(1)
      .compile().sql,
    /** after, limit: answers, oldest first */
    answered: records
      .where('kind', '=', sql.lit('answer'))
      .where('status', '=', sql.lit('answer'))
      .where('rev', '>', number)
      .orderBy('rev')
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

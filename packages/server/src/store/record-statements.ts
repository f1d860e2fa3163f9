import type { Kysely } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** Records and idempotency keys. */
export function recordStatements(db: Kysely<Schema>) {
  const columns = ['rev', 'id', 'kind', 'topics', 'audience', 'body'] as const;
  const tasks = db
    .selectFrom('records')
    .select([...columns, 'state'])
    .orderBy('rev', 'desc');
  return {
    /** id */
    record: db
      .selectFrom('records')
      .select([...columns, 'state'])
      .where('id', '=', text)
      .compile().sql,
    /** id: at which rev a record is, and who hears it */
    placeOf: db.selectFrom('records').select(['rev', 'topics']).where('id', '=', text).compile().sql,
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
    tasks: tasks.where('status', 'is not', null).where('rev', '<', number).limit(1).compile().sql,
    /** owner, before, limit */
    tasksOfOwner: tasks.where('owner', '=', text).where('rev', '<', number).limit(1).compile().sql,
    /** status, before, limit */
    tasksOfStatus: tasks.where('status', '=', text).where('rev', '<', number).limit(1).compile().sql,
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

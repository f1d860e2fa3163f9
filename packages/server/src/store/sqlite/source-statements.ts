import { type Kysely, sql } from 'kysely';
import { isCollapsibleSql } from '../plan/collapsible.ts';
import type { Schema } from '../schema.ts';
import { number, statementCompiler, text } from '../statement.ts';

/** Reads of the rows that a plan is made from. */
export function sourceStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const versions = db.selectFrom('records').select(['id', 'rev', 'topics', 'alert_rev']);
  const onTopics = db
    .selectFrom('record_topics as t')
    .innerJoin('records as r', 'r.rev', 't.rev')
    .select(['r.id', 'r.rev', 'r.topics', 'r.alert_rev']);
  const users = db.selectFrom('users');
  return {
    key: statement({ key: text }, (p) =>
      db.selectFrom('idempotency').select(['hash', 'record_id', 'rev']).where('key', '=', p.key),
    ),
    version: statement({ id: text }, (p) => versions.where('id', '=', p.id)),
    byExternalId: statement({ topic: text, externalId: text, after: number, n: number }, (p) =>
      onTopics
        .where('t.topic', '=', p.topic)
        .where('t.external_id', '=', p.externalId)
        .where('t.alert_rev', '>', sql.lit(0))
        .where('t.alert_rev', '>', p.after)
        .orderBy('t.alert_rev', 'desc')
        .limit(sql.lit(1))
        .offset(p.n),
    ),
    linkedTo: statement({ taskId: text }, (p) => versions.where('task_id', '=', p.taskId)),
    roomState: statement({ topics: text }, (p) =>
      versions.where('kind', '=', sql.lit('room_state')).where('topics', '=', p.topics),
    ),
    collapsible: statement({ collapse: text, n: number }, (p) =>
      versions
        .where('collapse', '=', p.collapse)
        .where(sql.raw<boolean>(isCollapsibleSql))
        .orderBy('alert_rev', 'desc')
        .limit(sql.lit(1))
        .offset(p.n),
    ),
    versionsOnTopic: statement({ topic: text, limit: number }, (p) =>
      onTopics.where('t.topic', '=', p.topic).orderBy('t.rev').limit(p.limit),
    ),
    record: statement({ rev: number }, (p) => db.selectFrom('records').selectAll().where('rev', '=', p.rev)),
    standing: statement({ topic: text, rev: number }, (p) =>
      db
        .selectFrom('record_topics')
        .select(['alert_rev', 'expired', 'category'])
        .where('topic', '=', p.topic)
        .where('rev', '=', p.rev),
    ),
    receipt: statement({ userId: text, recordId: text }, (p) =>
      db.selectFrom('receipts').selectAll().where('user_id', '=', p.userId).where('record_id', '=', p.recordId),
    ),
    markedUnread: statement({ userId: text, after: text, limit: number }, (p) =>
      db
        .selectFrom('receipts')
        .select('record_id')
        .where('user_id', '=', p.userId)
        .where('marked_unread', '=', sql.lit(1))
        .where('record_id', '>', p.after)
        .orderBy('record_id')
        .limit(p.limit),
    ),
    user: statement({ userId: text }, (p) =>
      users.select(['username', 'read_upto', 'read_upto_at', 'roles_at']).where('user_id', '=', p.userId),
    ),
    userId: statement({ username: text }, (p) => users.select('user_id').where('username', '=', p.username)),
    memberships: statement({ userId: text }, (p) =>
      db.selectFrom('audiences').selectAll().where('user_id', '=', p.userId),
    ),
    revAt: statement({ at: number }, (p) =>
      db.selectFrom('marks').select('rev').where('at', '<=', p.at).orderBy('at', 'desc').limit(sql.lit(1)),
    ),
  };
}
export type SourceStatements = ReturnType<typeof sourceStatements>;

import { type Kysely, sql } from 'kysely';
import { changeBytes, recordBytes } from './record-rows.ts';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Columns of a record as clients receive it, and as the domain has it. */
const changeColumns = [
  'rev',
  'id',
  'kind',
  'topics',
  'audience',
  'body',
  'status',
  'alert_rev',
  'expired',
  'collapse',
] as const;
export const recordColumns = [...changeColumns, 'state', 'external_id', 'category', 'due_at', 'at'] as const;

/** The size of a record, its frame and the domain's state: a column of pages. */
const changeSize = sql<number>`${sql.raw(changeBytes)}`.as('bytes');
export const recordSize = sql<number>`${sql.raw(recordBytes)}`.as('bytes');

/** Records and idempotency keys. */
export function recordStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const records = db.selectFrom('records').select(recordColumns);
  const pages = records.select(recordSize);
  const tasks = pages.where('kind', '=', sql.lit('task')).orderBy('rev', 'desc');
  const notifications = pages.where('kind', '=', sql.lit('notification'));
  return {
    record: statement({ id: text }, (p) => records.where('id', '=', p.id)),
    linkedTo: statement({ taskId: text }, (p) => records.where('task_id', '=', p.taskId).orderBy('rev')),
    linkCount: statement({ taskId: text }, (p) =>
      db
        .selectFrom('records')
        .select((e) => e.fn.countAll<number>().as('n'))
        .where('task_id', '=', p.taskId),
    ),
    /** The records of the revs `from..to`. */
    range: statement({ from: number, to: number }, (p) =>
      db
        .selectFrom('records')
        .select(changeColumns)
        .select(changeSize)
        .where('rev', '>=', p.from)
        .where('rev', '<=', p.to)
        .orderBy('rev'),
    ),
    /** Tasks before a rev, newest first. */
    tasks: statement({ before: number, limit: number }, (p) =>
      tasks.where('status', 'is not', null).where('rev', '<', p.before).limit(p.limit),
    ),
    tasksOfOwner: statement({ owner: text, before: number, limit: number }, (p) =>
      tasks.where('owner', '=', p.owner).where('rev', '<', p.before).limit(p.limit),
    ),
    tasksOfStatus: statement({ status: text, before: number, limit: number }, (p) =>
      tasks.where('status', '=', p.status).where('rev', '<', p.before).limit(p.limit),
    ),
    /** Notifications to be released after a place in their list, soonest first. */
    scheduled: statement({ dueAt: number, id: text, limit: number }, (p) =>
      notifications
        .where('status', '=', sql.lit('scheduled'))
        .where('due_at', '>=', p.dueAt)
        .where((e) => e.or([e('due_at', '>', p.dueAt), e('id', '>', p.id)]))
        .orderBy('due_at')
        .orderBy('id')
        .limit(p.limit),
    ),
    /** Answers past a rev, oldest first. */
    answersAfter: statement({ after: number, limit: number }, (p) =>
      pages
        .where('kind', '=', sql.lit('answer'))
        .where('status', '=', sql.lit('answer'))
        .where('rev', '>', p.after)
        .orderBy('rev')
        .limit(p.limit),
    ),
    /** Notifications, and answers, that were last changed in `after..upTo`, oldest first. */
    notificationsBetween: statement({ after: number, upTo: number, limit: number }, (p) =>
      pages
        .where('kind', 'in', [sql.lit('notification'), sql.lit('answer')])
        .where('rev', '>', p.after)
        .where('rev', '<=', p.upTo)
        .orderBy('rev')
        .limit(p.limit),
    ),
    findKey: statement({ key: text }, (p) =>
      db.selectFrom('idempotency').select(['hash', 'record_id', 'rev']).where('key', '=', p.key),
    ),
    /** Forgets a bounded number of the oldest keys. */
    forgetKeys: statement({ before: number, limit: number }, (p) =>
      db
        .deleteFrom('idempotency')
        .where('key', 'in', (e) =>
          e.selectFrom('idempotency').select('key').where('at', '<', p.before).orderBy('at').limit(p.limit),
        ),
    ),
  };
}

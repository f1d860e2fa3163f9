import { type Kysely, type RawBuilder, sql } from 'kysely';
import { namesIn } from './document-statements.ts';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text, textOrNull } from './statement.ts';

/** The size of a log since its beginning, with all that was removed. */
const totalOf = (task: Param<string>): RawBuilder<number> =>
  sql`coalesce((select n.total from task_log n where n.task = ${task} order by n.seq desc limit 1), 0)`;

export interface RangeRow {
  first_seq: number | null;
  seq: number | null;
  bytes: number | null;
}

/** Blocks that are next to each other. One that was removed already is no range by itself. */
const range = sql`min(l.first_seq) as first_seq, max(l.seq) as seq, max(l.total) - min(l.total - l.bytes) as bytes from task_log l`;
const hasEntries = sql`having min(l.dropped) = 0`;

/** The logs of tasks. */
export function taskLogStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** The next numbers are taken by one transaction at a time: another that has chosen them too is refused by the key, and tries again. */
    addTaskLog: statement(
      { task: text, count: number, attempt: number, body: text, bytes: number, at: number, once: textOrNull },
      (p) => sql<{ seq: number }>`
      insert into task_log (task, seq, first_seq, attempt, body, bytes, total, dropped, at, once)
      select ${p.task}, h.seq + ${p.count}, h.seq + 1, ${p.attempt}, ${p.body}, ${p.bytes}, h.total + ${p.bytes}, 0,
        ${p.at}, ${p.once}
      from (select coalesce((select max(n.seq) from task_log n where n.task = ${p.task}), 0) as seq,
        ${totalOf(p.task)} as total) h
      where not exists (select 1 from task_log o where o.task = ${p.task} and o.once = ${p.once})
      returning seq`,
    ),
    taskLogOnce: statement({ task: text, once: text }, (p) =>
      db.selectFrom('task_log').select('seq').where('task', '=', p.task).where('once', '=', p.once),
    ),
    taskLogSize: statement(
      { task: text },
      (p) => sql<{ bytes: number }>`
      select ${totalOf(p.task)} - coalesce(
        (select sum(d.bytes) from task_log d where d.task = ${p.task} and d.dropped = 1), 0) as bytes`,
    ),
    taskLogBlocks: statement({ task: text, after: number, limit: number }, (p) =>
      db
        .selectFrom('task_log')
        .select(['task as id', 'seq', 'first_seq', 'attempt', 'body'])
        .select(sql<number>`case when dropped = 1 then 0 else bytes end`.as('bytes'))
        .where('task', '=', p.task)
        .where('seq', '>', p.after)
        .orderBy('seq')
        .limit(p.limit),
    ),
    taskLogHeads: statement(
      { tasks: text },
      (p) => sql<{ task: string; head: number | null }>`
      select n.value as task, (select max(l.seq) from task_log l where l.task = n.value) as head
      from ${namesIn(db, p.tasks)}`,
    ),
    middleOfTaskLog: statement(
      { task: text, head: number, tail: number },
      (p) => sql<RangeRow>`
      select ${range} where l.task = ${p.task} and l.total > ${p.head} and l.total <= ${totalOf(p.task)} - ${p.tail}
      ${hasEntries}`,
    ),
    oldOfTaskLog: statement(
      { task: text, before: number },
      (p) => sql<RangeRow>`
      select ${range} where l.task = ${p.task}
        and l.seq <= (select max(o.seq) from task_log o where o.task = ${p.task} and o.at < ${p.before})
      ${hasEntries}`,
    ),
    /** Removes the blocks of a range but its last. */
    removeTaskLog: statement({ task: text, firstSeq: number, seq: number }, (p) =>
      db.deleteFrom('task_log').where('task', '=', p.task).where('seq', '>=', p.firstSeq).where('seq', '<', p.seq),
    ),
    /** Makes the last block of a range stand for all of it. Where it was removed, changes nothing. */
    setDroppedTaskLog: statement({ task: text, firstSeq: number, seq: number, body: text, bytes: number }, (p) =>
      db
        .updateTable('task_log')
        .set({ first_seq: p.firstSeq, body: p.body, bytes: p.bytes, dropped: sql.lit(1), once: sql.lit(null) })
        .where('task', '=', p.task)
        .where('seq', '=', p.seq),
    ),
    oldTaskLogs: statement({ before: number, limit: number }, (p) =>
      db
        .selectFrom('task_log')
        .select('task')
        .distinct()
        .where(sql<boolean>`dropped = 0`)
        .where('at', '<', p.before)
        .limit(p.limit),
    ),
  };
}

import { type Kysely, sql } from 'kysely';
import { recordColumns, recordSize } from './record-statements.ts';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Statements of background work: due items, revocations, retention. */
export function upkeepStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const marks = db.selectFrom('marks').select(['at', 'rev']).orderBy('at', 'desc').limit(sql.lit(1));
  return {
    /** Notifications to be released, or expired, soonest first. */
    dueRecords: statement({ now: number, limit: number }, (p) =>
      db
        .selectFrom('records')
        .select(recordColumns)
        .select(recordSize)
        .where('due_at', '<=', p.now)
        .orderBy('due_at')
        .orderBy('id')
        .limit(p.limit),
    ),
    /** The newest mark up to a time, of where the sequence stood. */
    markBefore: statement({ at: number }, (p) => marks.where('at', '<=', p.at)),
    lastMark: statement({}, () => marks),
    /** Retractions that are old enough to be forgotten. */
    oldRetractions: statement({ before: number, limit: number }, (p) =>
      db
        .selectFrom('records')
        .select(['rev', 'id', 'topics', sql<number>`octet_length(topics)`.as('bytes')])
        .where('kind', '=', sql.lit('retracted'))
        .where('at', '<', p.before)
        .orderBy('at')
        .limit(p.limit),
    ),
    raiseFloor: statement({ floor: number }, (p) =>
      db.updateTable('sequence').set({ floor: p.floor }).where('floor', '<', p.floor),
    ),
    addRevocation: statement(
      { kind: text, value: text, reason: text, at: number },
      (p) => sql<never>`insert into revocations (ordinal, kind, value, reason, at)
      select coalesce(max(ordinal), 0) + 1, ${p.kind}, ${p.value}, ${p.reason}, ${p.at} from revocations`,
    ),
    revocationsAfter: statement({ after: number }, (p) =>
      db.selectFrom('revocations').selectAll().where('ordinal', '>', p.after).orderBy('ordinal'),
    ),
  };
}

import { type Kysely, sql } from 'kysely';
import { canaryTopic } from '../domain/topics.ts';
import type { Schema } from './schema.ts';
import { number, numberOrNull, statementCompiler, text, textOrNull } from './statement.ts';

/** The incidents of nodes, and the records of their canaries. */
export function healthStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    putIncident: statement(
      {
        ...{ id: text, node: text, component: text, state: text, reasons: text },
        ...{ startedAt: number, seenAt: number, endedAt: numberOrNull, endedBy: textOrNull },
      },
      (p) => sql<never>`
      insert into incidents (ordinal, id, node, component, state, reasons, started_at, seen_at, ended_at, ended_by)
      select coalesce(max(ordinal), 0) + 1, ${p.id}, ${p.node}, ${p.component}, ${p.state}, ${p.reasons},
        ${p.startedAt}, ${p.seenAt}, ${p.endedAt}, ${p.endedBy} from incidents where true
      on conflict (id) do update set state = excluded.state, reasons = excluded.reasons,
        seen_at = excluded.seen_at, ended_at = excluded.ended_at, ended_by = excluded.ended_by`,
    ),
    forgetIncidents: statement({ keep: number }, (p) =>
      db
        .deleteFrom('incidents')
        .where('ended_at', 'is not', null)
        .where(sql<boolean>`ordinal <= (select max(ordinal) from incidents) - ${p.keep}`),
    ),
    incidents: statement({ newest: number }, (p) =>
      db
        .selectFrom('incidents')
        .selectAll()
        .where(sql<boolean>`(ended_at is null or ordinal > (select max(ordinal) from incidents) - ${p.newest})`)
        .orderBy('ordinal', 'desc'),
    ),
    endIncident: statement({ id: text, seenAt: number }, (p) =>
      db
        .updateTable('incidents')
        .set({ ended_at: sql<number>`seen_at`, ended_by: sql<string>`'restart'` })
        .where('id', '=', p.id)
        .where('seen_at', '=', p.seenAt)
        .where('ended_at', 'is', null)
        .returning('id'),
    ),
    canaryRecords: statement({}, () =>
      db.selectFrom('record_topics').select(['record_id', 'rev']).where('topic', '=', sql.lit(canaryTopic)),
    ),
    removeCanaryTopic: statement({ rev: number }, (p) =>
      db.deleteFrom('record_topics').where('topic', '=', sql.lit(canaryTopic)).where('rev', '=', p.rev),
    ),
    removeCanaryRecord: statement({ rev: number }, (p) =>
      db.deleteFrom('records').where('rev', '=', p.rev).where('kind', '=', sql.lit('canary')),
    ),
  };
}

import { type Kysely, sql } from 'kysely';
import { inboxStatements } from './inbox-statements.ts';
import { outboundStatements } from './outbound-statements.ts';
import { outboxStatements } from './outbox-statements.ts';
import { peopleStatements } from './people-statements.ts';
import { number, text } from './place-holders.ts';
import { recordStatements } from './record-statements.ts';
import type { Schema } from './schema.ts';
import { topicStatements } from './topic-statements.ts';
import { upkeepStatements } from './upkeep-statements.ts';

/**
 * The hot statements, compiled once. Each takes its parameters in the order its comment gives.
 * They hold no value themselves: what stands where a value goes is a place holder.
 */
export function statements(db: Kysely<Schema>) {
  return {
    ...sequenceStatements(db),
    ...recordStatements(db),
    ...topicStatements(db),
    ...inboxStatements(db),
    ...peopleStatements(db),
    ...upkeepStatements(db),
    ...outboxStatements(db),
    ...outboundStatements(db),
  };
}
export type Statements = ReturnType<typeof statements>;

function sequenceStatements(db: Kysely<Schema>) {
  return {
    sequence: db.selectFrom('sequence').select(['head', 'floor']).compile().sql,
    /** Changes nothing, and writes all the same. */
    touch: sql`update sequence set head = head`.compile(db).sql,
    /** head */
    setHead: db.updateTable('sequence').set({ head: number }).compile().sql,
    terms: db.selectFrom('terms').select(['term', 'from_rev']).orderBy('ordinal').compile().sql,
    lastTerm: db.selectFrom('terms').select(['term', 'from_rev']).orderBy('ordinal', 'desc').limit(sql.lit(1)).compile()
      .sql,
    /** term, from_rev */
    addTerm: db.insertInto('terms').values({ term: text, from_rev: number }).compile().sql,
  };
}

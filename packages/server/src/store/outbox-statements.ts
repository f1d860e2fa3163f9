import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** What applications left in transactions of their own; on PostgreSQL only. */
export function outboxStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** Takes the oldest, where nobody else has any at present. */
    takeOutbox: statement(
      { until: number, now: number, limit: number },
      (p) => sql<{ id: number; item: string }>`update tidings_outbox set claimed_until = ${p.until} where id in (
      select o.id from tidings_outbox o where o.error is null and o.claimed_until <= ${p.now}
        and not exists (select from tidings_outbox p where p.error is null and p.claimed_until > ${p.now})
      order by o.id limit ${p.limit} for update skip locked)
      returning id, cast(item as text) as item`,
    ),
    refuseOutbox: statement(
      { id: number, error: text },
      (p) => sql<never>`update tidings_outbox set error = ${p.error} where id = ${p.id}`,
    ),
  };
}

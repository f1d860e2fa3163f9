import { type Kysely, sql } from 'kysely';
import { pageBytes } from './page-rows.ts';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Nodes that take items of the outbox wait for one another here. The number is any that nobody else is likely to use. */
const taking = sql.lit(7_418_212_053);

/** Notifications that applications left in transactions of their own; on PostgreSQL only. */
export function outboxStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /**
     * Waits until no other node takes items. A statement of its own before `takeOutbox`, in the same transaction, which therefore sees what
     * the others have taken.
     */
    lockOutbox: statement({}, () => sql<never>`select pg_advisory_xact_lock(${taking})`),
    /**
     * Takes the oldest, if nobody else has any at present, up to the first that somebody holds: a node whose lease has ended, and whose
     * commit of it is still under way. That may be undone, and would then come behind what is newer.
     */
    takeOutbox: statement(
      { until: number, now: number, limit: number },
      (p) => sql<{ id: number; item: string }>`with candidates as (
        select o.id, octet_length(cast(o.item as text)) as bytes from tidings_outbox o
        where o.error is null and o.claimed_until <= ${p.now}
          and not exists (select from tidings_outbox p where p.error is null and p.claimed_until > ${p.now})
        order by o.id limit ${p.limit}),
      oldest as (
        select id from (select id, sum(bytes) over (order by id) - bytes as bytes_before from candidates) c
        where bytes_before < ${sql.lit(pageBytes)}),
      free as (select f.id from tidings_outbox f where f.id in (select id from oldest) for update skip locked)
      update tidings_outbox t set claimed_until = ${p.until} from free where t.id = free.id and not exists (
        select from oldest where oldest.id < t.id and oldest.id not in (select id from free))
      returning t.id, cast(t.item as text) as item`,
    ),
    /** Ends the claim too, which would otherwise hold up the item once it is mended, and all behind it. */
    refuseOutbox: statement(
      { id: number, error: text },
      (p) => sql<never>`update tidings_outbox set error = ${p.error}, claimed_until = 0 where id = ${p.id}`,
    ),
  };
}

import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** What applications left in transactions of their own; on PostgreSQL only. */
export function outboxStatements(db: Kysely<Schema>) {
  return {
    /** claimed_until, now, now, limit: takes the oldest, where nobody else has any at present */
    takeOutbox: sql`update tidings_outbox set claimed_until = ${number} where id in (
      select o.id from tidings_outbox o where o.error is null and o.claimed_until <= ${number}
        and not exists (select from tidings_outbox p where p.error is null and p.claimed_until > ${number})
      order by o.id limit ${number} for update skip locked)
      returning id, cast(item as text) as item`.compile(db).sql,
    /** error, id */
    refuseOutbox: sql`update tidings_outbox set error = ${text} where id = ${number}`.compile(db).sql,
  };
}

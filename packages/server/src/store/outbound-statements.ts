import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** Consumers' cursors, and deliveries. */
export function outboundStatements(db: Kysely<Schema>) {
  return {
    /** until, name, now: leases a cursor that nobody else holds */
    leaseConsumer: db
      .updateTable('consumers')
      .set({ lease_until: number, token: sql<number>`token + 1` })
      .where('name', '=', text)
      .where('lease_until', '<=', number)
      .returning(['token', 'cursor'])
      .compile().sql,
    /** cursor, until, name, token */
    advanceConsumer: db
      .updateTable('consumers')
      .set({ cursor: number, lease_until: number })
      .where('name', '=', text)
      .where('token', '=', number)
      .returning('cursor')
      .compile().sql,
    /** name, token */
    releaseConsumer: db
      .updateTable('consumers')
      .set({ lease_until: sql.lit(0) })
      .where('name', '=', text)
      .where('token', '=', number)
      .compile().sql,
    /** id, channel, target, body, at, name, token: stores a delivery while the lease is held, once */
    addDelivery: sql`insert into deliveries (id, channel, target, body, attempts, due_at, at)
      select ${text}, ${text}, ${text}, ${text}, 0, 0, ${number} from consumers where name = ${text} and token = ${number}
      on conflict (id) do nothing`.compile(db).sql,
    /** until, channel, now, limit, now: begins attempts of what is due; what another began meanwhile is not */
    takeDeliveries: db
      .updateTable('deliveries')
      .set({ due_at: number, attempts: sql<number>`attempts + 1` })
      .where('id', 'in', (e) =>
        e
          .selectFrom('deliveries')
          .select('id')
          .where('channel', '=', text)
          .where('due_at', '<=', number)
          .orderBy('due_at')
          .limit(1),
      )
      .where('due_at', '<=', number)
      .returning(['id', 'channel', 'target', 'body', 'attempts', 'at'])
      .compile().sql,
    /** id, attempts */
    endDelivery: db.deleteFrom('deliveries').where('id', '=', text).where('attempts', '=', number).compile().sql,
    /** due_at, id, attempts */
    postponeDelivery: db
      .updateTable('deliveries')
      .set({ due_at: number })
      .where('id', '=', text)
      .where('attempts', '=', number)
      .compile().sql,
  };
}

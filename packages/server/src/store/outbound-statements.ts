import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Consumers' cursors, and deliveries. */
export function outboundStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** Leases a cursor that nobody else holds. */
    leaseConsumer: statement({ consumer: text, now: number, until: number }, (p) =>
      db
        .updateTable('consumers')
        .set({ lease_until: p.until, token: sql<number>`token + 1` })
        .where('name', '=', p.consumer)
        .where('lease_until', '<=', p.now)
        .returning(['token', 'cursor']),
    ),
    advanceConsumer: statement({ consumer: text, token: number, cursor: number, until: number }, (p) =>
      db
        .updateTable('consumers')
        .set({ cursor: p.cursor, lease_until: p.until })
        .where('name', '=', p.consumer)
        .where('token', '=', p.token)
        .returning('cursor'),
    ),
    releaseConsumer: statement({ consumer: text, token: number }, (p) =>
      db
        .updateTable('consumers')
        .set({ lease_until: sql.lit(0) })
        .where('name', '=', p.consumer)
        .where('token', '=', p.token),
    ),
    /** Stores a delivery while the lease is held, once. */
    addDelivery: statement(
      { id: text, channel: text, target: text, receiver: text, body: text, at: number, consumer: text, token: number },
      (p) => sql<never>`insert into deliveries (id, channel, target, receiver, body, attempts, due_at, at)
      select ${p.id}, ${p.channel}, ${p.target}, ${p.receiver}, ${p.body}, 0, 0, ${p.at}
      from consumers where name = ${p.consumer} and token = ${p.token}
      on conflict (id) do nothing`,
    ),
    dueReceivers: statement({ channel: text, now: number }, (p) =>
      db
        .selectFrom('deliveries')
        .select('receiver')
        .distinct()
        .where('channel', '=', p.channel)
        .where('due_at', '<=', p.now),
    ),
    /** Begins attempts of what is due; what another began meanwhile is not. */
    takeDeliveries: statement({ channel: text, receiver: text, now: number, until: number, limit: number }, (p) =>
      db
        .updateTable('deliveries')
        .set({ due_at: p.until, attempts: sql<number>`attempts + 1` })
        .where('id', 'in', (e) =>
          e
            .selectFrom('deliveries')
            .select('id')
            .where('channel', '=', p.channel)
            .where('receiver', '=', p.receiver)
            .where('due_at', '<=', p.now)
            .orderBy('due_at')
            .limit(p.limit),
        )
        .where('due_at', '<=', p.now)
        .returning(['id', 'channel', 'target', 'receiver', 'body', 'attempts', 'at']),
    ),
    /** Forgets a delivery, where no later attempt has begun. */
    endDelivery: statement({ id: text, attempt: number }, (p) =>
      db.deleteFrom('deliveries').where('id', '=', p.id).where('attempts', '=', p.attempt),
    ),
    postponeDelivery: statement({ id: text, attempt: number, dueAt: number }, (p) =>
      db.updateTable('deliveries').set({ due_at: p.dueAt }).where('id', '=', p.id).where('attempts', '=', p.attempt),
    ),
    /** Counts, of so many, what has been tried more than once, and what has been due since a time. A new one is due from its cause on. */
    deliveryBacklog: statement(
      { dueBefore: number, limit: number },
      (p) => sql<{ failing: number; late: number }>`
      select coalesce(sum(case when attempts > 1 then 1 else 0 end), 0) as failing,
        coalesce(sum(case when due_at <= ${p.dueBefore} and at <= ${p.dueBefore} then 1 else 0 end), 0) as late
      from (select attempts, due_at, at from deliveries limit ${p.limit}) some_deliveries`,
    ),
  };
}

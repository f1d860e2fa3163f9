import { type Kysely, sql } from 'kysely';

/** Each delivery names its receiver, so that those of one can be taken alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('deliveries')
    .addColumn('receiver', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  const { rows } = await sql<{ id: string; target: string }>`select id, target from deliveries`.execute(db);
  for (const { id, target } of rows)
    await sql`update deliveries set receiver = ${URL.parse(target)?.origin ?? ''} where id = ${id}`.execute(db);
  await sql`drop index deliveries_due`.execute(db);
  await sql`create index deliveries_due on deliveries (channel, receiver, due_at)`.execute(db);
}

import type { Kysely } from 'kysely';

/** Each node's writes of its presence have numbers, by which one that was lost or comes late is noticed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('presence_nodes')
    .addColumn('write_number', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
}

import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** The sessions in rooms, by node, with the leases of nodes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema
    .createTable('presence_nodes')
    .addColumn('node', text, (c) => c.primaryKey())
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('presence_rooms')
    .addColumn('topic', text, (c) => c.notNull())
    .addColumn('node', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('presence_rooms_of_nodes', ['topic', 'node'])
    .execute();
  await db.schema
    .createTable('presence_sessions')
    .addColumn('topic', text, (c) => c.notNull())
    .addColumn('node', text, (c) => c.notNull())
    .addColumn('key', text, (c) => c.notNull())
    .addColumn('session', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('presence_sessions_of_rooms', ['topic', 'node', 'key'])
    .execute();
}

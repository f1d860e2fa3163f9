import { type Kysely, sql } from 'kysely';
import { isSqlite } from './missing-parts.ts';

/** Memberships of rooms have an access; those of roles and of everyone have none. What is too old in rooms is found by an index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isSqlite(db) ? 'text' : 'text collate "C"');
  await db.schema.alterTable('audiences').addColumn('access', text).execute();
  await sql`create index audiences_of_rooms on audiences (topic, user_id) where access is not null`.execute(db);
  await sql`create index records_of_rooms on records (rev) where kind = 'room_event'`.execute(db);
}

import { type Kysely, sql } from 'kysely';

/** The newest events of a room are found by an index: among all that was ever retracted of the room they are few. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index records_of_room_events on records (topics, rev) where kind = 'room_event'`.execute(db);
}

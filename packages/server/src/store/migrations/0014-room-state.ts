import { type Kysely, sql } from 'kysely';

/** The state of a room is found by an index: it lies among its events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index records_of_room_state on records (topics) where kind = 'room_state'`.execute(db);
}

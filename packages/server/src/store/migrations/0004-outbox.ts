import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** On PostgreSQL, where applications leave notifications in transactions of their own. Nobody else writes into a SQLite file. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`create table tidings_outbox (
    id bigint generated always as identity primary key,
    item json not null,
    created_at timestamptz not null default now(),
    claimed_until bigint not null default 0,
    error text
  )`.execute(db);
}

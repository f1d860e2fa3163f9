import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** Changes for PostgreSQL alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await compareBytes(db);
  // The place at which the present term began, see functions/history.ts.
  await sql`create table history (place text not null, writer text not null)`.execute(db);
}

/** Texts are compared by their bytes, as on SQLite: it is faster, and their order does not change with the system's locale. */
async function compareBytes(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and data_type = 'text' and table_name not like 'kysely_%'`.execute(db);
  for (const table of new Set(rows.map((row) => row.table_name))) {
    const columns = rows.filter((row) => row.table_name === table);
    const changes = columns.map(({ column_name }) => sql`alter column ${sql.ref(column_name)} type text collate "C"`);
    await sql`alter table ${sql.table(table)} ${sql.join(changes)}`.execute(db);
  }
}

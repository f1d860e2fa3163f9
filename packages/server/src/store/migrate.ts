import { TidingsError } from '@tidings/protocol';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as records from './migrations/0001-records.ts';
import * as inbox from './migrations/0002-inbox.ts';
import * as postgres from './migrations/0003-postgres.ts';
import * as outbox from './migrations/0004-outbox.ts';

const migrations: Record<string, Migration> = {
  '0001-records': records,
  '0002-inbox': inbox,
  '0003-postgres': postgres,
  '0004-outbox': outbox,
};

/** Brings a database's schema up to date. Refuses one that a newer version wrote, untouched. */
// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a schema that is only now being made
export async function migrate(db: Kysely<any>): Promise<void> {
  await refuseNewer(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function refuseNewer(db: Kysely<unknown>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const unknown = rows.find((row) => !Object.hasOwn(migrations, row.name));
  if (!unknown) return;
  throw new TidingsError(
    'conflict',
    `the database was written by a newer Tidings (it has the migration ${unknown.name}); upgrade @tidings/server, or name another database`,
  );
}

import { TidingsError } from '@tidings/protocol';
import { type Kysely, sql } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration';
import type { migrationNames } from './migration-names.ts';
import * as records from './migrations/0001-records.ts';
import * as inbox from './migrations/0002-inbox.ts';
import * as postgres from './migrations/0003-postgres.ts';
import * as outbox from './migrations/0004-outbox.ts';
import * as answered from './migrations/0005-answered.ts';
import * as deliveries from './migrations/0006-deliveries.ts';
import * as runners from './migrations/0007-runners.ts';
import * as links from './migrations/0008-links.ts';
import * as receivers from './migrations/0009-receivers.ts';
import * as bounds from './migrations/0010-bounds.ts';
import * as rooms from './migrations/0011-rooms.ts';
import * as documents from './migrations/0012-documents.ts';
import * as presence from './migrations/0013-presence.ts';
import * as roomState from './migrations/0014-room-state.ts';
import * as documentVersions from './migrations/0015-document-versions.ts';
import * as roomEvents from './migrations/0016-room-events.ts';
import * as incidents from './migrations/0017-incidents.ts';
import * as taskPermits from './migrations/0018-task-permits.ts';
import * as presenceWrites from './migrations/0019-presence-writes.ts';
import * as taskLog from './migrations/0020-task-log.ts';
import { isSqlite } from './migrations/missing-parts.ts';

export const migrations: Record<(typeof migrationNames)[number], Migration> = {
  '0001-records': records,
  '0002-inbox': inbox,
  '0003-postgres': postgres,
  '0004-outbox': outbox,
  '0005-answered': answered,
  '0006-deliveries': deliveries,
  '0007-runners': runners,
  '0008-links': links,
  '0009-receivers': receivers,
  '0010-bounds': bounds,
  '0011-rooms': rooms,
  '0012-documents': documents,
  '0013-presence': presence,
  '0014-room-state': roomState,
  '0015-document-versions': documentVersions,
  '0016-room-events': roomEvents,
  '0017-incidents': incidents,
  '0018-task-permits': taskPermits,
  '0019-presence-writes': presenceWrites,
  '0020-task-log': taskLog,
};

/**
 * Brings a database's schema up to date. Refuses one of a newer version, or of another application, untouched. The caller has begun a
 * transaction and commits it, so that a migration and its row in the journal are there together or not at all.
 * @param schema PostgreSQL's schema that has the tables; several servers may have one each in a database
 */
// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for a schema that is only now being made
export async function migrate(db: Kysely<any>, schema?: string): Promise<void> {
  await refuseForeign(db, schema);
  const provider = { getMigrations: async () => migrations };
  const migrator = new Migrator({ db, provider, ...(schema === undefined ? {} : { migrationTableSchema: schema }) });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function refuseForeign(db: Kysely<unknown>, schema: string | undefined): Promise<void> {
  const all = await db.introspection.getTables({ withInternalKyselyTables: true });
  const names = all.filter((table) => table.schema === schema).map(({ name }) => name);
  if (!names.includes(DEFAULT_MIGRATION_TABLE)) return refuseTables(db, names);
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.id(...(schema === undefined ? [] : [schema]), DEFAULT_MIGRATION_TABLE)}`.execute(db);
  const unknown = rows.find((row) => !Object.hasOwn(migrations, row.name));
  if (!unknown) return;
  if (!rows.some((row) => Object.hasOwn(migrations, row.name))) throw foreign(names);
  throw new TidingsError(
    'conflict',
    `the database was written by a newer Tidings (it has the migration ${unknown.name}); upgrade @tidings/server, or name another database`,
  );
}

/** A SQLite file is ours alone; a schema of PostgreSQL may be shared as long as no name is taken, which the migration finds out. */
function refuseTables(db: Kysely<unknown>, names: readonly string[]): void {
  if (isSqlite(db) && names.length > 0) throw foreign(names);
}

const foreign = (names: readonly string[]): TidingsError =>
  new TidingsError(
    'conflict',
    `the database holds the tables of another application (${names.slice(0, 3).join(', ')}); name another one as database (--database)`,
  );

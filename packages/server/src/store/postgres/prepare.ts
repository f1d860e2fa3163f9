import { TidingsError } from '@tidings/protocol';
import { Kysely, PostgresDialect, type PostgresPool, sql, type Transaction } from 'kysely';
import { migrationNames } from '../migration-names.ts';
import type { PostgresAddress } from './address.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { openFailure } from './failure.ts';
import { functions, functionsHash } from './functions/all.ts';

const oldestVersion = 13;

/** The lock by which processes prepare a database one after another. The number is any that nobody else is likely to use. */
const preparing = 7_418_212_052;

/** Migrations may wait long for one another, and take long. The settings end with the transaction, like the lock. */
const begin = `set local statement_timeout = 0; set local lock_timeout = 300000;
  set local idle_in_transaction_session_timeout = 0; set local synchronous_commit = on;
  select pg_advisory_xact_lock(${preparing})`;

/**
 * Brings schema and functions up to date, in one transaction; several processes may do so at once. Throws a sentence with
 * what is wrong.
 */
export async function prepareDatabase(address: PostgresAddress): Promise<void> {
  let client: PostgresClient | undefined;
  let first: unknown;
  try {
    client = await connect(address);
    await checkServer(address, client);
    const db = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: poolOf(client) }),
      // A statement that fails has others fail after it, of which the last would be told.
      log: (event) => {
        if (event.level === 'error') first ??= event.error;
      },
    });
    const transaction = db.transaction().setIsolationLevel('read committed').setAccessMode('read write');
    await transaction.execute(async (trx) => {
      await sql.raw(begin).execute(trx);
      const schema = await schemaOf(address, trx);
      if (!(await isCurrent(trx, schema))) await (await import('../migrate.ts')).migrate(trx, schema);
      await installFunctions(trx, schema);
    });
  } catch (error) {
    throw openFailure(address, first ?? error);
  } finally {
    client?.end().catch(() => {});
  }
}

async function connect(address: PostgresAddress): Promise<PostgresClient> {
  // A migration takes as long as it takes, and reads values of every type.
  const { query_timeout: _, types: __, ...options } = connectionOptions(address);
  const client = new PostgresClient(options);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.end().catch(() => {});
    if (!/does not support SSL/.test((error as Error).message) || !address.giveUpTls()) throw error;
    return connect(address);
  }
}

/** The one connection, as Kysely takes it. */
const poolOf = (client: PostgresClient): PostgresPool => ({
  connect: async () => ({ query: client.query.bind(client), release: () => {} }),
  end: async () => {},
  options: {},
});

interface ServerTraits {
  version: number;
  name: string;
  encoding: string;
  standby: boolean;
  readOnly: string;
  isolation: string;
}

async function checkServer(address: PostgresAddress, client: PostgresClient): Promise<void> {
  await client.applySettings({
    default_transaction_read_only: "'off'",
    default_transaction_isolation: "'read committed'",
  });
  const { rows } = await client.query<ServerTraits>(`
    select current_setting('server_version_num')::int / 10000 as version, current_setting('server_version') as name,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby,
      current_setting('default_transaction_read_only') as "readOnly",
      current_setting('default_transaction_isolation') as isolation`);
  const { version, name, encoding, standby, readOnly, isolation } = rows[0] as ServerTraits;
  const refuse = (message: string) => new TidingsError('unavailable', `the database ${address.place} ${message}`);
  if (version < oldestVersion) throw refuse(`is on PostgreSQL ${name}; Tidings needs ${oldestVersion} or newer`);
  if (encoding !== 'UTF8')
    throw refuse(`has the encoding ${encoding}; make one with UTF8: createdb -E UTF8 -T template0`);
  if (standby) throw refuse('is on a read-only standby; name the primary');
  if (readOnly !== 'off') throw refuse(behindPooler('default_transaction_read_only', readOnly, 'off'));
  if (isolation !== 'read committed') {
    throw refuse(behindPooler('default_transaction_isolation', isolation, "'read committed'"));
  }
}

/** On a connection of its own Tidings sets it; behind a pooler others would find it set. */
const behindPooler = (setting: string, is: string, needed: string): string =>
  `has ${setting} = ${is} for this user, which cannot be changed behind a pooler; alter role ... set ${setting} = ${needed}`;

/** The schema that tables are made in. Another server may have another schema of the same database. */
async function schemaOf(address: PostgresAddress, trx: Transaction<unknown>): Promise<string> {
  const { rows } = await sql<{ schema: string | null; path: string }>`
    select current_schema() as schema, current_setting('search_path') as path`.execute(trx);
  const { schema, path } = rows[0] as (typeof rows)[0];
  if (schema !== null) return schema;
  const message = `the database ${address.place} has no schema of the search_path ${path} that this user may use; create one: create schema NAME`;
  throw new TidingsError('unavailable', message);
}

/** Asked without Kysely's migrator, which takes longer to load and to look than all else of an opening. */
async function isCurrent(trx: Transaction<unknown>, schema: string): Promise<boolean> {
  const { rows: tables } = await sql`
    select 1 from pg_tables where schemaname = ${schema} and tablename = 'kysely_migration'`.execute(trx);
  if (tables.length === 0) return false;
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.id(schema, 'kysely_migration')} order by name collate "C"`.execute(trx);
  return rows.map(({ name }) => name).join() === migrationNames.join();
}

/**
 * Replaces the functions with the transaction, so that no other process ever sees half of them. Those of earlier versions go:
 * a server of such a version that still runs is refused its next commit, and stores nothing.
 */
async function installFunctions(trx: Transaction<unknown>, schema: string): Promise<void> {
  const { rows } = await sql<{ name: string; hash: string | null }>`
    select p.oid::regprocedure::text as name, obj_description(p.oid, 'pg_proc') as hash
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proname like 'tidings\\_%' and n.nspname = ${schema}`.execute(trx);
  if (rows.some(({ hash }) => hash === functionsHash)) return;
  for (const { name } of rows) await sql.raw(`drop routine ${name}`).execute(trx);
  await sql.raw(`${functions}; comment on procedure tidings_apply is '${functionsHash}'`).execute(trx);
}

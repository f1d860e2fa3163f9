import { TidingsError } from '@tidings/protocol';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import { connectionOptions, placeOf, settle } from './connection.ts';
import { openFailure } from './failure.ts';
import { functions, functionsHash } from './functions/all.ts';

const oldestVersion = 13;

/** Those who prepare a database wait for one another here. The number is any that nobody else is likely to use. */
const preparing = 7_418_212_052;

/** Brings schema and functions up to date; several processes may do so at once. Throws a sentence with what is wrong. */
export async function prepareDatabase(url: string): Promise<void> {
  const pool = new pg.Pool({ ...connectionOptions(url, 'migrate'), onConnect: (client) => settle(client, 'migrate') });
  pool.on('error', () => {});
  try {
    const client = await pool.connect();
    try {
      await checkServer(url, client);
      await client.query(`select pg_advisory_lock(${preparing})`);
      await migrate(new Kysely({ dialect: new PostgresDialect({ pool }) }));
      await installFunctions(client);
    } finally {
      client.release(true); // which frees the lock
    }
  } catch (error) {
    throw openFailure(url, error);
  } finally {
    await pool.end();
  }
}

async function checkServer(url: string, client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: number; name: string; encoding: string; standby: boolean }>(`
    select current_setting('server_version_num')::int / 10000 as version, current_setting('server_version') as name,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby`);
  const [{ version, name, encoding, standby }] = rows as [(typeof rows)[0]];
  const refuse = (message: string) => new TidingsError('unavailable', `the database ${placeOf(url)} ${message}`);
  if (version < oldestVersion) throw refuse(`is on PostgreSQL ${name}; Tidings needs ${oldestVersion} or newer`);
  if (encoding !== 'UTF8')
    throw refuse(`has the encoding ${encoding}; make one with UTF8: createdb -E UTF8 -T template0`);
  if (standby) throw refuse('is on a read-only standby; name the primary');
}

/** Replaces the functions in one transaction, so that no other process ever sees half of them. */
async function installFunctions(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ hash: string }>(
    "select obj_description(oid, 'pg_proc') as hash from pg_proc where proname = 'tidings_apply' and pg_function_is_visible(oid)",
  );
  if (rows.some(({ hash }) => hash === functionsHash)) return;
  await client.query(`begin; ${functions}; comment on procedure tidings_apply is '${functionsHash}'; commit`);
}

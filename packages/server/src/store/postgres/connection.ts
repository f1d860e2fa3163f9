import pg from 'pg';

/** What a connection is for. Those that migrate may wait long for one another. */
export type Purpose = 'read' | 'write' | 'migrate';

/** How long one statement may take on the server, ms; and how long is waited for its answer, whatever the network does. */
const statementTimeout = 10_000;
const answerTimeout = 15_000;
const connectTimeout = 10_000;

/** How a connection is made. Each gets its session's settings before anything else is asked of it. */
export const connectionOptions = (url: string, purpose: Purpose): pg.ClientConfig => ({
  connectionString: url,
  application_name: 'tidings',
  connectionTimeoutMillis: connectTimeout,
  query_timeout: purpose === 'migrate' ? 0 : answerTimeout,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  types: { getTypeParser: () => String },
});

/**
 * A server that is told to acknowledge commits before they are on its disk is told otherwise here.
 * Plans are made once: all that is read is a range of an index, whatever statistics say of a table that grows fast.
 */
export async function settle(client: pg.ClientBase, purpose: Purpose): Promise<void> {
  const isMigrating = purpose === 'migrate';
  const settings = {
    statement_timeout: isMigrating ? 0 : statementTimeout,
    lock_timeout: isMigrating ? 300_000 : 5_000,
    idle_in_transaction_session_timeout: isMigrating ? 0 : statementTimeout,
    plan_cache_mode: 'force_generic_plan',
    jit: 'off',
    enable_seqscan: isMigrating ? 'on' : 'off',
    ...(purpose === 'read' ? onlyIndexes : {}),
  };
  const texts = Object.entries(settings).map(([name, value]) => `set ${name} = ${value}`);
  texts.push(`select set_config('synchronous_commit', 'on', false)
    where current_setting('synchronous_commit') not in ('on', 'remote_apply')`);
  await client.query(texts.join(';'));
}

const onlyIndexes = { enable_bitmapscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', enable_sort: 'off' };

/** Where a database is, as a person may read it: without its password. */
export function placeOf(url: string): string {
  const { host, port, user, database } = new pg.Client({ connectionString: url });
  return `${user}@${host}:${port}/${database}`;
}

import pg from 'pg';

/** What a connection is for. Those that migrate may wait long for one another. */
type Purpose = 'read' | 'write' | 'migrate';

/** How long one statement may take on the server, ms; and how long is waited for its answer, whatever the network does. */
const statementTimeout = 10_000;
const answerTimeout = 15_000;
const connectTimeout = 10_000;

/** How a connection is made. Rows come as texts and, where they are small enough, numbers. */
export const connectionOptions = (url: string, purpose: Purpose): pg.ClientConfig => ({
  connectionString: url,
  application_name: 'tidings',
  connectionTimeoutMillis: connectTimeout,
  query_timeout: purpose === 'migrate' ? 0 : answerTimeout,
  // A commit is sent while the one before it is under way.
  pipeline: purpose === 'write',
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  ...(purpose === 'migrate'
    ? {}
    : { types: { getTypeParser: (oid: number) => (integers.has(oid) ? Number : String) } }),
});

/** The types smallint, integer and bigint. */
const integers = new Set([21, 23, 20]);

/**
 * The settings of a session. Plans are made once: all that is asked for is a range of an index or a few rows by their keys,
 * whatever statistics say of tables that grow fast. A server that acknowledges commits before they are on its disk is
 * told otherwise.
 */
export async function settle(client: pg.ClientBase, purpose: Purpose): Promise<void> {
  const settings = purpose === 'migrate' ? migrating : purpose === 'read' ? { ...running, ...onlyRanges } : running;
  const texts = Object.entries(settings).map(([name, value]) => `set ${name} = ${value}`);
  texts.push(`select set_config('synchronous_commit', 'on', false)
    where current_setting('synchronous_commit') not in ('on', 'remote_apply')`);
  await client.query(texts.join(';'));
}

const migrating = { statement_timeout: 0, lock_timeout: 300_000, idle_in_transaction_session_timeout: 0 };
const running = {
  ...{ statement_timeout: statementTimeout, lock_timeout: 5_000 },
  ...{ idle_in_transaction_session_timeout: statementTimeout },
  ...{ plan_cache_mode: 'force_generic_plan', jit: 'off', enable_seqscan: 'off' },
};
const onlyRanges = {
  ...{ enable_bitmapscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', enable_sort: 'off' },
  enable_material: 'off',
};

/** Where a database is, as a person may read it: without its password. */
export function placeOf(url: string): string {
  const { host, port, user, database } = new pg.Client({ connectionString: url });
  return `${user}@${host}:${port}/${database}`;
}

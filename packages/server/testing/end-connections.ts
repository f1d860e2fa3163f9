import pg from 'pg';

/** Ends the connections that servers have to a database of PostgreSQL, as it does when it is shut down. */
export async function endConnections(database: string): Promise<void> {
  const client = new pg.Client({ connectionString: database, application_name: 'tests' });
  await client.connect();
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'tidings%'`,
    );
  } finally {
    await client.end();
  }
}

import pg from 'pg';
import type { PostgresAddress } from './address.ts';
import { connectionOptions, PostgresClient, reading } from './client.ts';

/** How many connections a process has beside the one that commits. */
const connections = 4;

/** The connections that read, and that write what gives out no rev. They are kept, with what is prepared on them. */
export function makePool(address: PostgresAddress): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOptions(address),
    ...{ max: connections, idleTimeoutMillis: 0 },
    Client: PostgresClient as unknown as new () => pg.ClientBase,
    onConnect: (client) => (client as unknown as PostgresClient).settle(reading),
  });
  pool.on('error', () => {}); // one that breaks while it rests is replaced when it is needed
  return pool;
}

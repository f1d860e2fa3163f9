import pg from 'pg';
import { connectionOptions, settle } from './connection.ts';

/** How many connections a process has beside the one that commits. */
const connections = 4;

/** The connections that read, and that write what gives out no rev. They are kept, with what is prepared on them. */
export function makePool(url: string): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOptions(url, 'read'),
    ...{ max: connections, idleTimeoutMillis: 0, onConnect: (client) => settle(client, 'read') },
  });
  pool.on('error', () => {}); // one that breaks while it rests is replaced when it is needed
  return pool;
}

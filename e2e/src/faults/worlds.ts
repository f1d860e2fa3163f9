import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endConnections } from '../../../packages/server/testing/end-connections.ts';
import { PostgresServer } from '../../../packages/server/testing/postgres-server.ts';
import { ServerProcess } from '../server-process.ts';

/** Servers that share a database, each of which can be stopped and started again. */
export interface Servers {
  servers: ServerProcess[];
  /** Ends the database as a crash does, and starts it again; null where it has no process of its own. */
  crash: (() => Promise<void>) | null;
  /** Ends all connections that servers have to the database; null for a file. */
  cut: (() => Promise<void>) | null;
  remove(): Promise<void>;
}

export interface World {
  name: string;
  start(): Promise<Servers>;
}

const startAll = (databases: readonly string[]): Promise<ServerProcess[]> =>
  Promise.all(databases.map((database) => ServerProcess.start(database)));

const endAll = async (servers: readonly ServerProcess[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.end()));
};

/** On a disk of its own that can be filled, where this user may mount one. */
export const sqlite: World = {
  name: 'SQLite',
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'tidings-faults-'));
    const isMounted = mount(folder);
    const servers = await startAll([`sqlite:${join(folder, 'tidings.db')}`]);
    const remove = async (): Promise<void> => {
      await endAll(servers);
      if (isMounted) execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    };
    return { servers, crash: null, cut: null, remove };
  },
};

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Two nodes on a database that others made, and keep. */
export const nodesOn = (database: () => Promise<string>): World => ({
  name: 'two nodes on PostgreSQL',
  async start() {
    const url = await database();
    const servers = await startAll([url, url]);
    return { servers, crash: null, cut: () => endConnections(url), remove: () => endAll(servers) };
  },
});

/** Two nodes on a PostgreSQL of their own. */
export const nodesOnTheirOwn: World = {
  name: 'two nodes on PostgreSQL',
  async start() {
    const postgres = await PostgresServer.start();
    const url = postgres.url('postgres');
    const servers = await startAll([url, url]);
    return {
      servers,
      async crash() {
        await postgres.crash();
        await postgres.resume();
      },
      cut: () => endConnections(url),
      async remove() {
        await endAll(servers);
        await postgres.remove();
      },
    };
  },
};

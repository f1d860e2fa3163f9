import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFolder } from '../folders.ts';
import { processCpuSeconds, processTree } from '../processes.ts';
import { startPostgres } from './postgres-server.ts';

/** An empty database that a server of ours is started on. */
export interface BenchDatabase {
  name: 'SQLite' | 'PostgreSQL';
  url: string;
  /** User and system time of its own processes so far; null where it has none, or they are elsewhere. */
  cpuSeconds: (() => number) | null;
  remove(): Promise<void>;
}

/**
 * Both databases, each empty, on the repository's own disk.
 *
 * @param postgres one that is to be used; null starts one
 */
export async function openDatabases(program: string, postgres: string | null): Promise<BenchDatabase[]> {
  const folder = await mkdtemp(join(await buildFolder(), `${program}-`));
  const sqlite: BenchDatabase = {
    ...{ name: 'SQLite', url: `sqlite:${join(folder, 'bench.db')}`, cpuSeconds: null },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  return [sqlite, await postgresDatabase(`${folder}-postgres`, postgres)];
}

async function postgresDatabase(folder: string, given: string | null): Promise<BenchDatabase> {
  if (given !== null) return { name: 'PostgreSQL', url: given, cpuSeconds: null, remove: async () => {} };
  const { url, pid, stop } = await startPostgres(folder);
  const cpuSeconds = () => processTree(pid).reduce((sum, one) => sum + processCpuSeconds(one), 0);
  return { name: 'PostgreSQL', url, cpuSeconds, remove: stop };
}

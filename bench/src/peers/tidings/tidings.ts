import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFolder } from '../../folders.ts';
import { startNodeServer } from '../node-server.ts';
import { apiKey, host, type RunningPeer } from '../peer.ts';

/** The port and protocol of a server of ours, for the load. */
export const tidingsOn = (port: number): Pick<RunningPeer, 'dialect' | 'port' | 'claims' | 'load'> => ({
  ...{ dialect: 'tidings', port },
  claims: (sub) => ({ sub }),
  load: {
    by: 'publishing',
    target: {
      ...{ url: `http://${host}:${port}`, path: '/api/v1/notifications', form: 'tidings' },
      headers: { Authorization: `Bearer ${apiKey}` },
    },
  },
});

/**
 * Tidings from its sources, on SQLite, in a folder of the repository: a temporary one may be in memory.
 *
 * @param options.folder default: one of its own, which is removed when it is stopped
 */
export async function startTidings(options: { port?: number; folder?: string } = {}): Promise<RunningPeer> {
  const folder = options.folder ?? (await mkdtemp(join(await buildFolder(), 'tidings-')));
  const remove = async () => {
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  };
  const module = new URL('./tidings-process.ts', import.meta.url);
  const args = [`sqlite:${join(folder, 'bench.db')}`, String(options.port ?? 0)];
  const server = await startNodeServer(module, args).catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    ...tidingsOn(server.port),
    ...{ name: 'tidings', pid: server.pid, cpuSeconds: server.cpuSeconds },
    async stop() {
      await server.stop();
      await remove();
    },
  };
}

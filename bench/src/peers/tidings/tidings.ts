import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFolder } from '../../folders.ts';
import { startNodeServer } from '../node-server.ts';
import { apiKey, host, type RunningPeer } from '../peer.ts';

/** What the load needs to know of a server of ours. */
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

/** Tidings from its sources, on SQLite, in a folder of the repository: a temporary one may be in memory. */
export async function startTidings(): Promise<RunningPeer> {
  const folder = await mkdtemp(join(await buildFolder(), 'tidings-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const module = new URL('./tidings-process.ts', import.meta.url);
  const server = await startNodeServer(module, [`sqlite:${join(folder, 'bench.db')}`]).catch(async (error) => {
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

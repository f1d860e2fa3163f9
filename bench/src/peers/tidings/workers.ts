import { fileURLToPath } from 'node:url';
import { processCpuSeconds, processTree, systemTellsCpu } from '../../processes.ts';
import type { RunningPeer } from '../peer.ts';
import { startCommand } from './command.ts';
import { tidingsOn } from './tidings.ts';

const main = fileURLToPath(new URL('../../../../packages/server/src/cli/main.ts', import.meta.url));

/** `tidings serve --workers 2` from its sources, on SQLite. */
export async function startWorkers(): Promise<RunningPeer | { absent: string }> {
  if (!systemTellsCpu) return { absent: 'its use of the processor is read from /proc, which is Linux' };
  const { port, pid, stop } = await startCommand(['--conditions=tidings-source', main], ['--workers', '2']);
  const cpuSeconds = async () => processTree(pid).reduce((sum, one) => sum + processCpuSeconds(one), 0);
  return { ...tidingsOn(port), name: 'workers', pid, cpuSeconds, stop };
}

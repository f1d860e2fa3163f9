import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFolder } from '../../folders.ts';
import { processCpuSeconds, systemTellsCpu } from '../../processes.ts';
import type { OwnLoad, RunningPeer } from '../peer.ts';

const source = fileURLToPath(new URL('./send-loop.c', import.meta.url));

/** The ceiling, compiled where there is a C compiler; null, and why, if it cannot be. */
export async function startCSend(): Promise<RunningPeer | { absent: string }> {
  if (!systemTellsCpu) return { absent: 'its use of the processor is read from /proc, which is Linux' };
  const executable = join(await buildFolder(), 'send-loop');
  try {
    await promisify(execFile)('cc', ['-O2', '-o', executable, source]);
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    return { absent: code === 'ENOENT' ? 'there is no C compiler (cc)' : `it does not compile: ${stderr}` };
  }
  return startLoop(spawn(executable, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

async function startLoop(child: ChildProcessByStdio<Writable, Readable, null>): Promise<RunningPeer> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<number> => Number((await lines.next()).value);
  const run: OwnLoad = async ({ perSecond, seconds, framesPerWrite, firstNumber }) => {
    child.stdin.write(`${perSecond ?? 0} ${seconds} ${framesPerWrite} ${firstNumber}\n`);
    return { sent: await next() };
  };
  return {
    ...{ name: 'c-send', dialect: 'bare', port: await next(), pid: child.pid as number },
    claims: (sub) => ({ sub }),
    load: { by: 'itself', run },
    cpuSeconds: async () => processCpuSeconds(child.pid as number),
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}

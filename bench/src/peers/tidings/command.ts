import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../../packages/server/testing/free-port.ts';
import { buildFolder } from '../../folders.ts';
import { apiKey, host, secret } from '../peer.ts';

/** A server that the `tidings` command runs, on SQLite, in a folder of its own. */
export interface Command {
  port: number;
  pid: number;
  /** From the start of the process until it served, ms. */
  readyMs: number;
  stop(): Promise<void>;
}

/** @param program the arguments of Node that run the command @param flags of `serve` */
export async function startCommand(program: readonly string[], flags: readonly string[] = []): Promise<Command> {
  const folder = await mkdtemp(join(await buildFolder(), 'tidings-'));
  const port = await freePort();
  const place = ['--host', host, '--port', String(port), '--database', `sqlite:${join(folder, 'bench.db')}`];
  const begun = performance.now();
  const child = spawn(process.execPath, [...program, 'serve', ...place, ...flags], {
    env: { ...process.env, TIDINGS_JWT_SECRET: secret, TIDINGS_API_KEY: apiKey },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const isReady = () =>
    fetch(`http://${host}:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false);
  while (!(await isReady())) {
    if (child.exitCode !== null)
      throw new Error(`\`tidings serve\` ended with code ${child.exitCode}; the reason is above`);
    if (performance.now() - begun > 60_000) {
      await stop();
      throw new Error('`tidings serve` was not ready within 60 s');
    }
    await pause(2);
  }
  return { port, pid: child.pid as number, readyMs: performance.now() - begun, stop };
}

import { readFileSync } from 'node:fs';
import { ServeProcess } from '../../packages/server/testing/cli/serve-process.ts';
import { freePort } from '../../packages/server/testing/free-port.ts';
import { TempFolder } from '../../packages/server/testing/temp-store.ts';
import { secret } from '../../packages/server/testing/tokens.ts';

export const apiKey = 'key-of-the-back-end';

/** The process ids of the workers. */
export const workersOf = ({ pid }: ServeProcess): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

/** Starts a server of two workers on SQLite. @param onTestFinished of the test that it is for */
export async function twoWorkers(onTestFinished: (end: () => void | Promise<void>) => void): Promise<ServeProcess> {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const settings = { JWT_SECRET: secret, API_KEY: apiKey, PORT: `${await freePort()}` };
  const server = new ServeProcess({ folder: folder.path, settings, args: ['--workers', '2'] });
  onTestFinished(async () => void (await server.end('SIGKILL')));
  await server.start();
  return server;
}

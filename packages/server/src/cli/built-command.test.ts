import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'tsdown';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { TempFolder } from '../../testing/temp-store.ts';
import { program } from '../../tsdown.config.ts';

const cwd = fileURLToPath(new URL('../..', import.meta.url));
const environment = {
  TIDINGS_JWT_SECRET: 'a secret of at least thirty-two bytes',
  TIDINGS_API_KEY: 'key-of-the-back-end',
};

beforeAll(async () => {
  await build({ ...program, cwd, config: false, logLevel: 'silent' });
});

/** Starts the command as it is published. Resolves with its address, and the files that it has loaded until it serves. */
async function start(): Promise<{ url: string; files: string[] }> {
  const folder = new TempFolder();
  const list = join(folder.path, 'loaded-files');
  const counting = new URL('../../testing/cli/loaded-files.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', counting, join(cwd, 'dist/main.js'), 'serve', '--port', '0'], {
    cwd: folder.path,
    env: { ...process.env, ...environment, LOADED_FILES: list },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
    folder.remove();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, url } = JSON.parse(line);
    if (msg === 'ready') return { url, files: readFileSync(list, 'utf8').trim().split('\n') };
  }
  throw new Error('the server ended before it was ready');
}

test('the published command serves its API, its pages and its documents from few files', async () => {
  const { url, files } = await start();
  // Their number and size are most of a start's time on every machine; those of the threads are among them.
  const bytes = files.reduce((sum, file) => sum + statSync(new URL(file)).size, 0);
  expect(files.length).toBeLessThan(80);
  expect(bytes).toBeLessThan(3_500_000);
  expect(files.filter((file) => /postgres-parts/.test(file))).toEqual([]);
  const sent = await fetch(`${url}/api/v1/notifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${environment.TIDINGS_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to: { user: 'u1' }, title: 'Report ready' }),
  });
  expect(sent.status).toBe(201);
  expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ info: { version: '0.1.0' } });
  expect(await (await fetch(`${url}/test`)).text()).toContain('</html>');
});

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../packages/server/testing/free-port.ts';

let running: ChildProcess | undefined;
let folder: string | undefined;

afterEach(async () => {
  if (running && running.exitCode === null) {
    const ended = new Promise((resolve) => running?.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Starts an example as its reader would, in an empty folder, and waits until its own route or ours answers. */
async function start(example: string): Promise<string> {
  const port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'tidings-example-'));
  const main = new URL(`../../examples/${example}/src/main.ts`, import.meta.url).pathname;
  running = spawn(process.execPath, ['--conditions=tidings-source', main], {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 150; i++) {
    const answer = await fetch(`${url}/api/v1/whoami`).catch(() => null);
    if (answer?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the ${example} example did not answer`);
}

test.each(['express', 'fastify'])('the %s example serves its own route, and Tidings beside it', async (example) => {
  const url = await start(example);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/notifications/`);
  const frames: { type: string; title?: string }[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await expect.poll(() => frames.map((frame) => frame.type)).toContain('synced');

  const answer = await fetch(`${url}/reports`, { method: 'POST' });
  expect(await answer.json()).toMatchObject({ id: expect.any(String), rev: expect.any(Number) });
  await expect.poll(() => frames.at(-1)).toMatchObject({ type: 'user_notification', title: 'Report ready' });
  expect(frames[0]).toMatchObject({ type: 'connection_established', user_id: 'demo' });
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  socket.terminate();
});

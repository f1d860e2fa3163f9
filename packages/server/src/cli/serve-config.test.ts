import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { RunningCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';
import { TempFolder } from '../../testing/temp-store.ts';

let folder: TempFolder;
let server: RunningCli | undefined;
beforeAll(() => {
  folder = new TempFolder();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => folder.remove());

const jwtSecret = '0123456789abcdef0123456789abcdef';
const apiKey = 'key-of-the-back-end';
const callbackSecret = `whsec_${'A'.repeat(32)}`;
const usual = { port: 0, jwtSecret, apiKey };

function fileOf(settings: object, mode = 0o600): string {
  const path = join(folder.path, 'tidings.json');
  writeFileSync(path, JSON.stringify(settings));
  chmodSync(path, mode);
  return path;
}

/** The sentences of the log up to the one that says that it is ready, and its address. */
async function served(config: string, environment = {}): Promise<{ warnings: string[]; url: string }> {
  server = new RunningCli(['serve', '--config', config], { folder: folder.path, environment });
  await server.says(/"msg":"ready"/);
  const lines = server.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; msg: string; url: string });
  return {
    warnings: lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg),
    url: lines.find(({ msg }) => msg === 'ready')?.url as string,
  };
}

it('serves the users of an application that says by --auth-url who they are, and needs no secret', async () => {
  const application = createServer(({ headers }, response) => {
    response.writeHead(headers.cookie === 'sid=7' ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ sub: 7, username: 'ann' }));
  });
  await new Promise<void>((listening) => application.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void application.close());
  const authUrl = `http://127.0.0.1:${(application.address() as AddressInfo).port}/me`;
  const { url } = await served(fileOf({ port: 0, authUrl }));
  const whoami = (cookie: string) => fetch(`${url}/api/v1/whoami`, { headers: { cookie } });
  expect(await (await whoami('sid=7')).json()).toMatchObject({ user_id: '7', username: 'ann' });
  expect((await whoami('sid=8')).status).toBe(401);
});

it('serves with the limits of its file, and warns of what an operator should know of it', async () => {
  const limits = { refusalBurst: 2, refusalsPerSecond: 0.001 };
  const config = fileOf({ ...usual, callbackSecret, limits }, 0o640);
  const { url, warnings } = await served(config);
  expect(warnings).toEqual([
    ...(process.platform === 'win32'
      ? []
      : [`${config} holds secrets, and other users of this machine can read it: run "chmod 600 ${config}"`]),
    expect.stringMatching(
      /^"callbackSecret" in .*tidings\.json has no effect without --callback-origins \(TIDINGS_CALLBACK_ORIGINS\): /,
    ),
  ]);
  const statuses: number[] = [];
  for (let call = 0; call < 3; call++) statuses.push((await fetch(`${url}/api/v1/connections`)).status);
  expect(statuses).toEqual([401, 401, 429]);
});

it('has nothing to warn of where only its user can read the file, or no secret is in it', async () => {
  expect((await served(fileOf(usual))).warnings).toEqual([]);
  await server?.stop();
  const environment = { TIDINGS_JWT_SECRET: jwtSecret, TIDINGS_API_KEY: apiKey };
  expect((await served(fileOf({ port: 0 }, 0o644), environment)).warnings).toEqual([]);
});

it.each([
  [
    { limits: { workBurst: 0 } },
    /^tidings: "limits\.workBurst" in .*tidings\.json must be a whole number from 1 to 2147483647; got 0$/,
  ],
  [
    { limits: { maxDataBytes: 1 }, maxDataBytes: 1 },
    /^tidings: set --max-data-bytes or the limit maxDataBytes of --limits, not both$/,
  ],
  [
    { metricsKey: apiKey },
    /^tidings: "metricsKey" in .*tidings\.json is one of "apiKey" in .*tidings\.json too, .*; give it a key of its own$/,
  ],
  [{ jwksUrl: 'https://issuer/' }, /^tidings: give "jwtSecret" in .* or "jwksUrl" in .*tidings\.json, not both: /],
  [{ apiKey: 'k' }, /^tidings: "apiKey" in .*tidings\.json holds a key of 1 characters: it must have at least 16, /],
  [{ workers: 0 }, /^tidings: "workers" in .*tidings\.json must be a whole number from 1 to 128; got 0$/],
  [
    { allowedOrigins: '*', authUrl: 'http://app/' },
    /^tidings: "\*" in "allowedOrigins" in .* cannot be combined with "authUrl" in /,
  ],
  [
    { listenUrl: 'postgres://h/d' },
    /^tidings: "listenUrl" in .* goes with a PostgreSQL as --database \(TIDINGS_DATABASE\); leave it out$/,
  ],
])('refuses what is wrong in its file by the names that it has there: %j', async (wrong, sentence) => {
  const { code, stderr } = await runHere(['serve', '--config', fileOf({ ...usual, ...wrong })], {
    folder: folder.path,
  });
  expect(stderr.trim()).toMatch(sentence);
  expect(code).toBe(2);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../../packages/server/testing/free-port.ts';
import { buildFolder } from '../../folders.ts';
import { processCpuSeconds } from '../../processes.ts';
import { apiKey, host, type RunningPeer, secret } from '../peer.ts';

/**
 * Centrifugo 6 with its memory engine. It keeps nothing, but with `recovers` the last notifications of each channel in memory. Channels
 * come with the users' tokens.
 */
export async function startCentrifugo(
  executable: string,
  { recovers = false, port: given = 0 } = {},
): Promise<RunningPeer> {
  const port = given === 0 ? await freePort() : given;
  const config = join(await buildFolder(), 'centrifugo.json');
  await writeFile(config, JSON.stringify({ ...configuration(port), ...(recovers ? history : {}) }));
  const child = spawn(executable, ['-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(child, port);
  return {
    ...{ name: 'centrifugo', dialect: 'centrifugo', port, pid: child.pid as number },
    claims: (sub) => ({ sub, channels: ['everyone', `user_${sub}`] }),
    load: {
      by: 'publishing',
      target: {
        ...{ url: `http://${host}:${port}`, path: '/api/publish', form: 'centrifugo' },
        headers: { 'X-API-Key': apiKey },
      },
    },
    cpuSeconds: async () => processCpuSeconds(child.pid as number),
    async stop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

const configuration = (port: number) => ({
  http_server: { address: host, port: String(port) },
  http_api: { key: apiKey },
  client: { token: { hmac_secret_key: secret }, allowed_origins: ['*'] },
  health: { enabled: true },
  log: { level: 'error' },
});

const history = {
  channel: { without_namespace: { history_size: 10_000, history_ttl: '600s', force_recovery: true } },
};

async function ready(child: ChildProcess, port: number): Promise<void> {
  let failure: string | null = null;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code) => {
    failure ??= `it ended with code ${code}`;
  });
  for (let i = 0; i < 100; i++) {
    if (failure !== null) throw new Error(`Centrifugo does not start: ${failure}; check --centrifugo`);
    const answer = await fetch(`http://${host}:${port}/health`).catch(() => null);
    if (answer?.ok) return;
    await pause(100);
  }
  child.kill();
  throw new Error('Centrifugo was not healthy within 10 s');
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../packages/server/testing/free-port.ts';
import { inSeconds, secret, token } from '../../packages/server/testing/tokens.ts';
import { builtServer } from '../../testing/built-server.ts';
import { Choices, newSeed } from './faults/choices.ts';
import { anyAudience, Oracle } from './faults/oracle.ts';

const apiKey = 'key-of-the-back-end';

/** `tidings serve --workers 2` on a port and a database that it keeps over restarts. */
class Workers {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidings-workers-'));
  readonly #port: number;
  #primary: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Resolves when all serve. */
  async start(): Promise<void> {
    const env = { ...process.env, TIDINGS_JWT_SECRET: secret, TIDINGS_API_KEY: apiKey };
    const args = [(await builtServer()).command, 'serve', '--workers', '2', '--port', String(this.#port)];
    const child = spawn(process.execPath, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#primary = child;
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => line.includes('"ready"') && resolve());
      child.once('exit', (code) => reject(new Error(`it ended with code ${code} before it was ready`)));
    });
  }

  /** The process ids of the workers. */
  ids(): number[] {
    const { pid } = this.#primary as ChildProcess;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  }

  /** @returns the exit code; null of a process that was killed */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#primary;
    this.#primary = undefined;
    if (!child || child.exitCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    return (await ended)[0];
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('two workers on SQLite, one of them and then the process that started them killed with -9 under load: lost 0, applied twice 0, out of order 0', async () => {
  const server = new Workers(await freePort());
  onTestFinished(() => server.remove());
  await server.start();
  const sender = createSender({ url: server.url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  const oracle = new Oracle(sender);
  const choices = new Choices(newSeed());
  onTestFinished(() => oracle.end());
  await oracle.connect(20, {
    urls: [server.url],
    token: (sub, role) => token({ sub, roles: [role], exp: inSeconds(86_400) }),
  });
  const connected = async () => (await sender.getConnectedUsers()).length;
  // The workers tell each other who is connected, and each of them has some.
  expect(await connected()).toBe(20);

  let isOver = false;
  const publishing = (async () => {
    while (!isOver) {
      for (let n = 0; n < 4 && oracle.waiting < 200; n++) oracle.send(anyAudience(choices, 20));
      await pause(10);
    }
  })();
  await pause(300);
  const [first, second] = server.ids() as [number, number];
  process.kill(first, 'SIGKILL');
  await expect.poll(() => server.ids().filter((id) => id !== first).length).toBe(2);
  await expect.poll(connected).toBe(20);
  const before = server.ids();
  expect(before).toContain(second);
  await server.end('SIGKILL');
  await expect.poll(() => before.every(isGone)).toBe(true);
  await server.start();
  await pause(300);
  isOver = true;
  await publishing;

  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  const sessions = [
    ...(await metrics.text()).matchAll(/tidings_sessions\{worker="(\d)",transport="websocket"\} (\d+)/g),
  ];
  expect(sessions.map(([, worker]) => worker).sort()).toEqual(['1', '2']);

  const verdict = await oracle.judge(15_000);
  expect(verdict).toMatchObject({ lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 });
  expect(verdict.accepted).toBeGreaterThan(50);
  const workers = server.ids();
  expect(await server.end('SIGTERM')).toBe(0);
  expect(workers.every(isGone)).toBe(true);
});

test('workers whose database cannot be opened are refused in a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-workers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { ...process.env, TIDINGS_JWT_SECRET: secret, TIDINGS_API_KEY: apiKey };
  const args = [
    (await builtServer()).command,
    'serve',
    '--workers',
    '2',
    '--port',
    '0',
    '--database',
    `sqlite:${folder}`,
  ];
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toBe(`tidings: the database ${folder} cannot be opened: it is a folder; name a file in it\n`);
  expect(code).toBe(1);
});

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { builtServer } from '../../../../testing/built-server.ts';
import { freePort } from '../../testing/free-port.ts';
import { canMount, smallDisk } from '../../testing/small-disk.ts';
import { TempFolder } from '../../testing/temp-store.ts';
import { secret } from '../../testing/tokens.ts';
import { createLog } from './log.ts';

const apiKey = 'key-of-the-back-end';

/** `tidings serve`, with its log written there. Resolves when it is ready. */
async function serve(log: number) {
  const folder = new TempFolder();
  const port = await freePort();
  const { command } = await builtServer();
  const child = spawn(process.execPath, [command, 'serve', '--log-level', 'debug', '--port', String(port)], {
    cwd: folder.path,
    env: { ...process.env, TIDINGS_JWT_SECRET: secret, TIDINGS_API_KEY: apiKey },
    stdio: ['ignore', log, log],
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
    closeSync(log);
    folder.remove();
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady).toBe(true);
  return {
    /** Sends so many, each of which is a line of the log. Resolves with the statuses of the answers. */
    async send(count: number): Promise<number[]> {
      const one = () =>
        fetch(`${url}/api/v1/notifications`, {
          method: 'POST',
          headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ to: { user: '1' }, title: 'Hi' }),
        });
      return (await Promise.all(Array.from({ length: count }, one))).map(({ status }) => status);
    },
    /** Resolves with the exit code and the signal. */
    async end(): Promise<unknown[]> {
      child.kill('SIGTERM');
      return await gone;
    },
  };
}

test('a log whose reader stands still stops neither a server nor its end', async () => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const server = await serve(openSync(pipe, constants.O_RDWR));
  // The pipe holds 64 KiB.
  for (let n = 0; n < 16; n++) expect(new Set(await server.send(50))).toEqual(new Set([201]));
  expect(await server.end()).toEqual([0, null]);
});

test('a log whose disk is full from the start stops neither a server nor its end', async () => {
  const server = await serve(openSync('/dev/full', 'w'));
  expect(await server.send(1)).toEqual([201]);
  expect(await server.end()).toEqual([0, null]);
});

test.skipIf(!canMount())(
  'a log goes on once its disk has room again, and says how many lines are missing',
  async () => {
    const disk = smallDisk();
    const file = join(disk.path, 'log');
    const server = await serve(openSync(file, 'a'));
    disk.fill();
    // The rest of the last block of the file takes some lines.
    expect(new Set(await server.send(100))).toEqual(new Set([201]));
    disk.free();
    await server.send(1);
    expect(await server.end()).toEqual([0, null]);
    const lines = readFileSync(file, 'utf8').split('\n');
    const note = lines.findIndex((line) => line.includes('left out'));
    const missing = JSON.parse(lines[note] as string).lines;
    expect(missing).toBeGreaterThan(20);
    const published = lines.filter((line) => line.includes('"published"') && line.endsWith('}')).length;
    expect(published + missing).toBeGreaterThanOrEqual(100);
    expect(JSON.parse(lines[note + 1] as string)).toMatchObject({ type: 'published' });
  },
  20_000,
);

test('a log holds 1 MiB for a reader that stands still, and then says how many lines it has left out', () => {
  const read: string[] = [];
  let isStopped = true;
  let goOn = () => {};
  const out = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      read.push(line);
      if (isStopped) goOn = done;
      else done();
    },
  });
  const log = createLog(out as NodeJS.WriteStream, 'info', 'structured');
  const lines = 3_000;
  for (let n = 0; n < lines; n++) log.info({ n }, 'x'.repeat(1_000));
  expect(out.writableLength).toBeLessThan(1_048_576 + 2_000);
  isStopped = false;
  goOn();
  log.info({ n: lines }, 'last');
  const messages = read.map((line) => JSON.parse(line));
  const note = messages.at(-2);
  expect(note).toMatchObject({ level: 'warn', msg: expect.stringContaining('left out') });
  expect(messages.length - 2 + note.lines).toBe(lines);
  expect(messages.at(-1)).toMatchObject({ n: lines });
});

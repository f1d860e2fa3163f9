import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, onTestFinished, test } from 'vitest';
import { RunningCli } from '../../testing/cli/cli.ts';
import { ServeProcess } from '../../testing/cli/serve-process.ts';
import { freePort } from '../../testing/free-port.ts';
import { PostgresServer } from '../../testing/postgres-server.ts';
import { TempFolder } from '../../testing/temp-store.ts';

const secret = 'a secret of at least thirty-two bytes';
const apiKey = 'key-of-the-back-end';

test('two servers on one PostgreSQL, one killed with -9, then the database crashed: a listener at the other hears all that was accepted, once, in order', async () => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const postgres = await PostgresServer.start();
  onTestFinished(() => postgres.remove());
  const settings = { JWT_SECRET: secret, API_KEY: apiKey, DATABASE: postgres.url('postgres') };
  const make = async () =>
    new ServeProcess({ folder: folder.path, settings: { ...settings, PORT: `${await freePort()}` } });
  const [one, other] = [await make(), await make()];
  onTestFinished(async () => {
    await Promise.all([one.end(), other.end()]);
  });
  await Promise.all([one.start(), other.start()]);
  const listen = ['listen', '--url', other.url, '--user', '1', '--jwt-secret', secret, '--json'];
  const listener = new RunningCli(listen, { folder: folder.path });
  onTestFinished(async () => void (await listener.stop()));
  await listener.says(/"type":"synced"/);

  const sender = createSender({ url: one.url, apiKey, timeoutMs: 120_000, logger: { warn() {}, error() {} } as never });
  onTestFinished(() => sender.close());
  const accepted: Promise<string>[] = [];
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const publishing = (async () => {
    for (let n = 0; !isOver; n++, await pause(50)) {
      accepted.push(sender.notify({ to: { user: '1' }, title: `${n}` }).then(({ id }) => id));
    }
  })();
  await pause(1_000);
  await one.end('SIGKILL');
  await one.start();
  await pause(1_000);
  await postgres.crash();
  await pause(500);
  await postgres.resume();
  await pause(1_500);
  isOver = true;
  await publishing;
  const ids = await Promise.all(accepted);
  await listener.says(new RegExp(ids.at(-1) as string));

  const frames = listener.stdout.split('\n').filter((line) => line.includes('"user_notification"'));
  const heard = frames.map((line) => JSON.parse(line) as { id: string; rev: number; title: string });
  expect(heard.map(({ id }) => id)).toEqual(ids);
  expect(heard.map(({ title }) => Number(title))).toEqual(ids.map((_, n) => n));
  expect(ids.length).toBeGreaterThan(50);
}, 240_000);

import { expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

const answering = () =>
  new Listeners(
    (_request, response) => response.end('here'),
    () => {},
  );
const textOf = async (url: string) => (await fetch(url)).text();

it('listens on the same port of every host that the machine has', async () => {
  const listeners = answering();
  const port = await listeners.listen(['127.0.0.1', '::1', '192.0.2.1'], 0);
  expect(await textOf(`http://127.0.0.1:${port}`)).toBe('here');
  listeners.stop();
  listeners.close();
});

it('names a port that is taken, and listens on none of the hosts then', async () => {
  const listeners = answering();
  const error: Error = await listeners.listen(['127.0.0.1', '127.0.0.1'], 0).catch((reason) => reason);
  expect(error).toMatchObject({ code: 'conflict' });
  expect(error.message).toMatch(/^port \d+ of 127\.0\.0\.1 is taken by another program; .* with --port$/);
  const port = /\d+/.exec(error.message)?.[0];
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
});

it('names an address that the machine does not have', async () => {
  await expect(answering().listen(['192.0.2.1'], 0)).rejects.toThrow(/no such address; choose another --host/);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerFrame, TidingsError } from '@tidings/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepared } from '../../../../../testing/prepared.ts';
import { createTidings, type Tidings } from '../../server.ts';
import { receiveFrames } from './live-frames.ts';

let folder: string;
let server: Tidings;
const open = () =>
  createTidings({ dev: true, database: `sqlite:${prepared(join(folder, 'a.db'))}`, limits: { restartSpreadMs: 0 } });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-listen-'));
  server = await open();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Listens as alice, and tells of each frame. `look` is called before each attempt. */
function listenAt(port: number, topics: string[] = [], look = (): void => {}) {
  const frames: ServerFrame[] = [];
  const told: string[] = [];
  const stop = new AbortController();
  let changed = (): void => {};
  const target = {
    server: `http://127.0.0.1:${port}`,
    socket: new URL(`ws://127.0.0.1:${port}/ws/?user=alice`),
    headers: {},
  };
  const ended = receiveFrames({
    target: async () => {
      look();
      return target;
    },
    topics,
    receive: (_text, frame) => {
      frames.push(frame);
      changed();
    },
    onStatus: (message) => told.push(message),
    signal: stop.signal,
  });
  const until = async (type: string, count = 1) => {
    while (frames.filter((frame) => frame.type === type).length < count) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  return { frames, told, until, ended, stop: () => stop.abort() };
}

it('comes back after a restart, and is told each thing once', async () => {
  const { port } = await server.listen({ port: 0 });
  const listener = listenAt(port, ['task:job']);
  await listener.until('synced');
  await server.wsSendMessage('alice', 'before');
  await server.tasks.report('job', { progress: 10 });
  await listener.until('task_update');
  await server.close();

  server = await open();
  await server.wsSendMessage('alice', 'meanwhile');
  await server.listen({ port });
  await listener.until('synced', 2);
  await server.tasks.report('job', { progress: 90 });
  await listener.until('task_update', 2);
  listener.stop();
  await listener.ended;

  const messages = listener.frames.filter((frame) => frame.type === 'user_message');
  expect(messages.map(({ message }) => message)).toEqual(['before', 'meanwhile']);
  expect(listener.told[0]).toMatch(/^the server restarts; connecting again in 0\.0 s$/);
});

it('tries again where the address or the user cannot be looked up as it comes back', async () => {
  const { port } = await server.listen({ port: 0 });
  let looks = 0;
  const listener = listenAt(port, [], () => {
    if (++looks === 2) throw new TidingsError('unreachable', 'nothing answers');
  });
  await listener.until('synced');
  await server.close();
  server = await open();
  await server.listen({ port });
  await listener.until('synced', 2);
  listener.stop();
  await listener.ended;
  expect(listener.told[1]).toMatch(/^nothing answers; connecting again in \d/);
});

it('ends with a sentence where no server ever answered', async () => {
  const { port } = await server.listen({ port: 0 });
  await server.close();
  await expect(listenAt(port).ended).rejects.toThrow(
    `no Tidings server answered at http://127.0.0.1:${port} (ECONNREFUSED)`,
  );
});

it('ends with the server’s own words where it refuses the token', async () => {
  await server.close();
  server = await createTidings({
    auth: { jwtSecret: 's'.repeat(32) },
    database: `sqlite:${prepared(join(folder, 'b.db'))}`,
  });
  const { port } = await server.listen({ port: 0 });
  await expect(listenAt(port).ended).rejects.toMatchObject({
    ...{ code: 'unauthenticated', message: expect.stringMatching(/does not accept who this is: no token came/) },
  });
});

it('ends where the server opens no socket at the path', async () => {
  const { port } = await server.listen({ port: 0 });
  const target = { server: 'here', socket: new URL(`ws://127.0.0.1:${port}/elsewhere`), headers: {} };
  const live = {
    target: async () => target,
    topics: [],
    receive: () => {},
    onStatus: () => {},
    signal: new AbortController().signal,
  };
  await expect(receiveFrames(live)).rejects.toThrow('here answers 404 at /elsewhere');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ limits: { outboxBytes: 100_000_000 } }, { isDescribed: false });
});
afterAll(() => server.stop());

test('who reads late, while the network is full, gets its own cursors, and all there was, large and small', async () => {
  const users = ['late', 'another', 'quick'];
  const sockets = await Promise.all(users.map((user) => server.open(`/ws/?token=${token({ sub: user })}`).settled()));
  const tags = sockets.map((socket) => String(socket.of('synced')[0]?.cursor).split(':')[2]);
  expect(new Set(tags).size).toBe(users.length);
  const slow = sockets.slice(0, 2).map(({ ws }) => ws);
  for (const ws of slow) ws.pause();
  const count = 6_000;
  const pad = 'x'.repeat(1_000);
  for (let n = 0; n < count; n += 500) {
    const batch = Array.from({ length: 500 }, (_, i) => {
      const isLarge = (n + i) % 200 === 0;
      return { to: { everyone: true }, type: 'burst', data: { n: n + i, pad: isLarge ? pad.repeat(40) : pad } };
    });
    expect((await server.call('POST', '/api/v1/notifications/batch', batch)).status).toBe(201);
  }
  await until(() => sockets[2]?.of('burst').length === count);
  for (const ws of slow) ws.resume();
  for (const [i, socket] of sockets.entries()) {
    await until(() => socket.of('burst').length === count || socket.closed !== null);
    const frames = socket.of('burst');
    expect(frames.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    for (const { rev, cursor } of frames) expect(String(cursor).split(':').slice(1)).toEqual([String(rev), tags[i]]);
  }
}, 60_000);

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { until } from './testing/until.ts';

let http: Server;
let client: TidingsClient;
const clock = new FakeClock();
const lines = new Set<Socket>();
afterEach(async () => {
  client.disconnect();
  for (const line of lines) line.destroy();
  await new Promise((resolve) => http.close(resolve));
});

/** A development server of another kind, which answers every path with its page. */
async function start(onUpgrade: Parameters<Server['on']>[1]): Promise<void> {
  http = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
  http.on('connection', (line) => lines.add(line));
  http.on('upgrade', onUpgrade);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  client = createTidingsClient({ url, clock, logger: { warn: vi.fn(), error: vi.fn() }, random: () => 0.5 });
  client.connect();
}

test.each(['{"type":"hot"}', 'hello'])(
  'the hot-reload socket of webpack-dev-server is named by what it says, %s, and tried again later',
  async (first) => {
    const sockets = new WebSocketServer({ noServer: true });
    await start((request, socket, head) => sockets.handleUpgrade(request, socket, head, (one) => one.send(first)));
    await until(() => client.state.status === 'reconnecting');
    expect(client.state.reason).toMatchObject({ code: 'unreachable', retryable: true });
    expect(client.state.reason?.message).toContain(`it said ${first}`);
    expect(client.state.retryAt).toBe(clock.now() + 500);
    await until(() => [...sockets.clients].every(({ readyState }) => readyState !== 1));
  },
);

test.each([
  ['never answered, as by Vite, Angular and Next', () => {}],
  [
    'answered by a socket that says nothing',
    (request: never, socket: never, head: never) =>
      new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, () => {}),
  ],
])('an upgrade that is %s is given up after 10 s, with the paths to proxy', async (_, onUpgrade) => {
  const upgraded = new Promise<void>((resolve) => {
    start((...args: unknown[]) => {
      (onUpgrade as (...args: unknown[]) => void)(...args);
      resolve();
    });
  });
  await upgraded;
  clock.advance(9_999);
  expect(client.state.status).toBe('connecting');
  clock.advance(1);
  await until(() => client.state.status === 'reconnecting');
  expect(client.state.reason).toMatchObject({ code: 'unreachable' });
  expect(client.state.reason?.message).toMatch(/Vite, Angular, Next or webpack.*\/ws\/.*\/api\//);
});

import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { RunningServer } from '../../testing/running-server.ts';
import { until } from '../../testing/world.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serving(...[options]: Parameters<typeof RunningServer.start>): Promise<RunningServer> {
  const server = await RunningServer.start(options);
  cleanups.push(() => server.stop());
  return server;
}

/** A connection whose client goes on sending, whatever the server says. */
async function stubborn(server: RunningServer, first = ''): Promise<Socket> {
  const { port, hostname } = new URL(server.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const timer = setInterval(() => socket.writable && socket.write('x'), 50);
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.on('close', () => clearInterval(timer));
  cleanups.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(first);
  return socket;
}

const upgrade = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`;

test.each([
  ['nobody', upgrade('/ws/')],
  ['nobody, of a page', upgrade('/ws/', 'Origin: http://localhost\r\n')],
  ['another path', upgrade('/nothing')],
])('a refused connection is ended, also where its client never does: of %s', async (_name, head) => {
  const socket = await stubborn(await serving(), head);
  await until(() => socket.destroyed);
});

test('connections whose user is being found out count towards the limit of their address', async () => {
  const asked: (() => void)[] = [];
  const server = await serving({
    auth: { authenticate: () => new Promise((resolve) => asked.push(() => resolve(null))) },
    limits: { maxConnectionsPerAddress: 2 },
  });
  for (let n = 0; n < 2; n++) server.open('/ws/');
  await until(() => asked.length === 2);
  const third = server.open('/ws/');
  await until(() => third.closed !== null);
  expect(third.closed).toMatchObject({ code: 4409, reason: 'this address has 2 connections already' });
  for (const answer of asked) answer();
});

test('connections that ask for nothing count towards a limit of their address', async () => {
  const server = await serving({ limits: { maxConnectionsPerAddress: 1 } });
  const sockets: Socket[] = [];
  for (let n = 0; n < 110; n++) {
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
    socket.on('error', () => {});
    cleanups.push(() => socket.destroy());
    sockets.push(socket);
  }
  await until(() => sockets.filter((socket) => socket.destroyed).length >= 9);
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(() =>
      server.call('GET', '/readyz').then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';
import { asksForWebSocket } from '../websocket/websocket-transport.ts';
import { Listeners } from './listeners.ts';

const answering = () =>
  new Listeners({
    onRequest: (_request, response) => response.end('here'),
    onUpgrade: () => {},
    isUpgrade: asksForWebSocket,
    onConnection: () => {},
  });
/** Posts as a client does that would rather speak HTTP/2. */
const offerHttp2 = (port: number, path: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    };
    const asked = request({ port, path, method: 'POST', headers }, async (response) => {
      resolve({ status: response.statusCode, body: await text(response) });
    });
    asked.on('error', reject).end('hello');
  });
const textOf = async (url: string) => (await fetch(url)).text();

it('listens on the same port of every host that the machine has', async () => {
  const listeners = answering();
  const port = await listeners.listen(['127.0.0.1', '::1', '192.0.2.1'], 0);
  expect(await textOf(`http://127.0.0.1:${port}`)).toBe('here');
  listeners.stop();
  listeners.close();
});

it('answers a request that offers HTTP/2, as Java’s and curl’s clients do, with its body', async () => {
  const listeners = new Listeners({
    onRequest: async (request, response) => response.end(`got ${await text(request)}`),
    onUpgrade: (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'),
    isUpgrade: asksForWebSocket,
    onConnection: () => {},
  });
  const port = await listeners.listen(['127.0.0.1'], 0);
  expect(await offerHttp2(port, '/')).toEqual({ status: 200, body: 'got hello' });
  listeners.stop();
  listeners.close();
});

it('leaves such a request to the application that it is attached to', async () => {
  const application = createServer((_request, response) => response.end('here'));
  const server = await RunningServer.start({ auth: { authenticate: () => null } });
  server.tidings.attach(application);
  expect(() => server.tidings.attach(application)).toThrow(/attach\(\) was called with this HTTP server before/);
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  const { port } = application.address() as { port: number };
  expect(await offerHttp2(port, '/page')).toEqual({ status: 200, body: 'here' });
  expect(await offerHttp2(port, '/api/v1/nothing')).toMatchObject({
    status: 404,
    body: expect.stringContaining('not_found'),
  });
  expect((await fetch(`http://127.0.0.1:${port}/ws/`)).status).toBe(426);
  await server.stop();
  application.close();
});

it('names a port that is taken, and listens on none of the hosts then', async () => {
  const listeners = answering();
  const error: Error = await listeners.listen(['127.0.0.1', '127.0.0.1'], 0).catch((reason) => reason);
  expect(error).toMatchObject({ code: 'conflict' });
  expect(error.message).toMatch(
    /^port \d+ of 127\.0\.0\.1 is taken by another program; stop that one, or choose another port$/,
  );
  const port = /\d+/.exec(error.message)?.[0];
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
});

it('names an address that the machine does not have', async () => {
  await expect(answering().listen(['192.0.2.1'], 0)).rejects.toThrow(/no such address; choose another host, as/);
});

it('closes a connection inside the process when its client ends it in the middle of an answer', async () => {
  const open = new Set<object>();
  const listeners = new Listeners({
    onRequest: (_request, response) => response.write('some of it'),
    onUpgrade: () => {},
    isUpgrade: asksForWebSocket,
    onConnection: (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    },
  });
  const asked = request({ host: 'localhost', createConnection: () => listeners.connectInside() }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await once(response, 'data');
  expect(open.size).toBe(1);
  response.on('error', () => {});
  asked.destroy();
  await expect.poll(() => open.size).toBe(0);
});

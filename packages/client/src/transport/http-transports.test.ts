import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createTidings, type Tidings } from '@tidings/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { prepared } from '../../../../testing/prepared.ts';
import { createTidingsClient } from '../create-client.ts';
import { until } from '../testing/until.ts';
import {
  eventStreamTransport,
  fallbackTransport,
  longPollTransport,
  type Transport,
  type TransportOptions,
  webSocketTransport,
} from './index.ts';

let tidings: Tidings;
let url: string;
const ends: (() => unknown)[] = [];
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-transports-'));
  tidings = await createTidings({ dev: true, database: `sqlite:${prepared(join(folder, 'tidings.db'))}` });
  ({ url } = await tidings.listen({ port: 0 }));
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await tidings.close();
  rmSync(folder, { recursive: true });
});

function connected(transport: Transport, at = url) {
  const client = createTidingsClient({ url: at, query: { user: 'alice' }, transport, reconnect: { minDelayMs: 20 } });
  const toasts: string[] = [];
  client.on('user_message', ({ message, replayed }) => void toasts.push(`${message}${replayed ? ' again' : ''}`));
  ends.push(() => client.disconnect());
  return { client, toasts };
}

const send = (message: string) => tidings.notify({ to: { user: 'alice' }, type: 'user_message', message });
const unread = (client: ReturnType<typeof createTidingsClient>) => client.inbox.getSnapshot().counts.unread;

/** One that never answers. */
const silentTransport: Transport = {
  name: 'silent',
  connect: () => ({ traits: { silenceMs: 60_000 }, send() {}, close() {} }),
};
/** One whose upgrade is refused by what is in between. */
const refusedTransport: Transport = {
  name: 'refused',
  connect(_address, { closed }) {
    const timer = setTimeout(() => closed({ code: 1006, reason: 'no upgrade' }), 1);
    return { traits: { silenceMs: 60_000 }, send() {}, close: () => clearTimeout(timer) };
  },
};

/** A proxy before the server that passes requests on, and does as it is told with a WebSocket. @returns its address, and how many WebSockets and streams came */
async function proxyWith(upgraded: (socket: Duplex, request: IncomingMessage, head: Buffer) => void) {
  const came = { sockets: 0, streams: 0 };
  const proxy = createServer((request, response) => {
    const { method, url: path, headers } = request;
    if (path?.startsWith('/api/v1/events')) came.streams++;
    const onward = httpRequest(new URL(path ?? '', url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  proxy.on('upgrade', (request, socket, head) => {
    came.sockets++;
    socket.on('error', () => {});
    upgraded(socket, request, head);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { came, address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

/** Passes a WebSocket on until its client has caught up, and cuts it then. */
function cutWhenCaughtUp(socket: Duplex, request: IncomingMessage): void {
  const { port, hostname } = new URL(url);
  const onward = tcpConnect(Number(port), hostname);
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  onward.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
  socket.pipe(onward);
  onward.on('data', (bytes) => socket.write(bytes, () => bytes.includes('"synced"') && socket.destroy()));
}

describe.each([
  ['WebSocket', () => webSocketTransport()],
  ['Server-Sent Events', () => eventStreamTransport()],
  ['long polling', () => longPollTransport()],
])('a client by %s', (_name, makeTransport) => {
  test('hears each message once and as news, counts it, and marks it as read', async () => {
    const { client, toasts } = connected(makeTransport());
    await client.connect();
    const texts = Array.from({ length: 30 }, (_, n) => `${n}`);
    for (const text of texts) await send(text);
    await until(() => toasts.length === 30);
    expect(toasts).toEqual(texts);
    await expect.poll(() => unread(client)).toBe(30);
    const ids = client.inbox.getSnapshot().items.map(({ frame }) => frame.id);
    await client.inbox.markRead(ids.slice(0, 10));
    await expect.poll(() => unread(client)).toBe(20);
    await client.inbox.markAllRead();
    await expect.poll(() => unread(client)).toBe(0);
  });

  test('follows tasks one after the other, from what there is of each on, and no more than it is asked to', async () => {
    const { client } = connected(makeTransport());
    await tidings.tasks.report('one', { progress: 5 });
    await client.connect();
    const stop = client.subscribe('one');
    client.subscribe('two');
    await until(() => client.tasks.get('one') !== undefined);
    await tidings.tasks.report('two', { progress: 1 });
    await until(() => client.tasks.get('two') !== undefined);
    client.subscribe('three');
    await tidings.tasks.report('three', { progress: 1 });
    await until(() => client.tasks.get('three') !== undefined);
    await tidings.tasks.report('one', { progress: 50 });
    await until(() => client.tasks.get('one')?.frame.progress === 50);
    stop();
    await tidings.tasks.report('two', { status: 'completed' });
    await until(() => client.tasks.get('two')?.ended === true);
  });

  test('is told of an error with its code', async () => {
    const { client } = connected(makeTransport());
    await client.connect();
    await expect(client.request({ action: 'cancel_task', task_id: 'none' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a fallback', () => {
  test.each([
    ['is refused', refusedTransport],
    ['does not answer', silentTransport],
  ])(
    'tries the next transport where one %s, and remembers the one that worked',
    async (_how, bad) => {
      const { client, toasts } = connected(
        fallbackTransport({ transports: [bad, refusedTransport, longPollTransport()] }),
      );
      await client.connect();
      await send('through');
      await until(() => toasts.length === 1);
      client.disconnect();
      await client.connect();
      await send('again');
      await until(() => toasts.length === 2);
      expect(toasts).toEqual(['through', 'again']);
    },
    20_000,
  );

  test.each([1000, 1001, 1008, 1011])(
    'tries the next transport where a proxy accepts a WebSocket and closes it with %i',
    async (code) => {
      const sockets = new WebSocketServer({ noServer: true });
      const { address, came } = await proxyWith((socket, request, head) => {
        sockets.handleUpgrade(request, socket, head, (accepted) => accepted.close(code));
      });
      const { client, toasts } = connected(fallbackTransport(), address);
      await client.connect();
      await send('through');
      await until(() => toasts.length === 1);
      expect(came.sockets).toBe(1);
    },
  );

  test('goes over to the next transport where each WebSocket is cut soon after it opened', async () => {
    const { address, came } = await proxyWith(cutWhenCaughtUp);
    const { client, toasts } = connected(fallbackTransport(), address);
    await client.connect();
    await until(() => came.streams === 1 && client.state.status === 'connected');
    await send('through');
    await until(() => toasts.length === 1);
    expect(came.sockets).toBe(3);
    expect(toasts).toEqual(['through']);
  });

  test('tells the refusal of a server, and tries no other transport for it', async () => {
    let tried = 0;
    const counting: Transport = {
      name: 'counting',
      connect(address, events) {
        tried++;
        return webSocketTransport().connect(address, events);
      },
    };
    const transport = fallbackTransport({ transports: [eventStreamTransport(), counting] });
    const client = createTidingsClient({ url, token: 'no.such.token', transport });
    await expect(client.connect()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(tried).toBe(0);
  });
});

describe('a program that signs in by the session of an application', () => {
  const cookie = 'session=of-alice';
  /** The platform's functions, with the cookie of the session. */
  const withSession: TransportOptions = {
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('cookie', cookie);
      return fetch(input, { ...init, headers });
    },
    WebSocket: class extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, { protocols, headers: { cookie } } as never);
      }
    },
  };
  let application: Tidings;
  let at: string;
  beforeEach(async () => {
    application = await createTidings({
      database: `sqlite:${prepared(join(folder, 'application.db'))}`,
      auth: { authenticate: ({ headers }) => (headers.cookie === cookie ? { sub: 'alice' } : null) },
    });
    ({ url: at } = await application.listen({ port: 0 }));
  });
  afterEach(() => application.close());

  test.each([
    ['WebSocket', webSocketTransport(withSession)],
    ['Server-Sent Events', eventStreamTransport(withSession)],
    ['long polling', longPollTransport(withSession)],
    ['WebSocket', fallbackTransport(withSession)],
    ['Server-Sent Events', fallbackTransport({ fetch: withSession.fetch })],
  ])('is let in by %s, and acts as its user', async (name, transport) => {
    const { client, toasts } = connected(transport, at);
    await client.connect();
    expect([transport.name, client.state.user?.id]).toEqual([name, 'alice']);
    await application.notify({ to: { user: 'alice' }, type: 'user_message', message: 'hello' });
    await until(() => toasts.length === 1);
    await client.inbox.markAllRead();
    await expect.poll(() => unread(client)).toBe(0);
  });

  test.each([
    ['Server-Sent Events', 1],
    ['long polling', 2],
  ])('falls back on %s with it', async (name, refused) => {
    const others = [eventStreamTransport(withSession), longPollTransport(withSession)].slice(refused - 1);
    const transport = fallbackTransport({ transports: [...Array(refused).fill(refusedTransport), ...others] });
    const { client } = connected(transport, at);
    await client.connect();
    expect([transport.name, client.state.user?.id]).toEqual([name, 'alice']);
  });

  test('is refused without it, by each of them', async () => {
    const client = createTidingsClient({ url: at, transport: fallbackTransport() });
    await expect(client.connect()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

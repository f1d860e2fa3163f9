import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings, type Tidings } from '@tidings/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectChromium } from '../../../../testing/chromium.ts';
import { prepared } from '../../../../testing/prepared.ts';
import type { createTidingsClient } from '../create-client.ts';
import { chunksOf } from '../testing/bundles.ts';
import type * as transports from './index.ts';

let browser: Browser;
let page: Page;
let tidings: Tidings;
let folder: string;
/** The modules that the page loads, by their paths. */
const modules = new Map<string, string>();

beforeAll(async () => {
  browser = await connectChromium();
  for (const [place, entry] of [
    ['core', 'src/index.ts'],
    ['transports', 'src/transport/index.ts'],
  ] as const) {
    for (const { fileName, code } of await chunksOf(entry)) modules.set(`/${place}/${fileName}`, code);
  }
  folder = mkdtempSync(join(tmpdir(), 'tidings-transports-'));
  tidings = await createTidings({ dev: true, database: `sqlite:${prepared(join(folder, 'tidings.db'))}` });
});
afterAll(async () => {
  await browser.close();
  await tidings.close();
  rmSync(folder, { recursive: true });
});

/** Passes requests on to the server; what becomes of upgrades, and of the answers that never end, it decides. */
class HttpProxy {
  readonly #server: Server;
  readonly #upgrades: Socket[] = [];
  /** The paths that were asked for. */
  readonly paths: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(
    port: number,
    { upgrades, holdsStreams = false }: { upgrades: 'refused' | 'silent'; holdsStreams?: boolean },
  ) {
    const server = createServer((incoming, outgoing) => {
      const { method, url = '/', headers } = incoming;
      proxy.paths.push(url.split('?', 1)[0] as string);
      const module = modules.get(url);
      if (module !== undefined) return void outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(module);
      if (url === '/page')
        return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<title>Page</title>');
      const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        // As proxies that gather an answer before they pass it on.
        if (holdsStreams && url.startsWith('/api/v1/events')) return;
        outgoing.writeHead(answer.statusCode as number, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    const proxy = new HttpProxy(server);
    server.on('upgrade', (_request, socket: Socket) => {
      if (upgrades === 'silent') proxy.#upgrades.push(socket);
      else socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#server.closeAllConnections();
  }

  close(): void {
    for (const socket of this.#upgrades) socket.destroy();
    this.cut();
    this.#server.close();
  }
}

interface InPage {
  client: ReturnType<typeof createTidingsClient>;
  news: string[];
}

describe.each([
  ['are refused', { upgrades: 'refused' }, '/api/v1/events'],
  ['are not answered', { upgrades: 'silent' }, '/api/v1/events'],
  ['are refused and streams held back', { upgrades: 'refused', holdsStreams: true }, '/api/v1/sync'],
] as const)('in Chromium, behind a proxy where upgrades %s', (_what, faults, path) => {
  let proxy: HttpProxy;
  beforeEach(async () => {
    const { port } = await tidings.listen({ port: 0 });
    proxy = await HttpProxy.to(port, faults);
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    proxy.close();
  });

  test('a page is connected, hears and acts all the same, also when it was cut', async () => {
    const user = path.slice('/api/v1/'.length) + faults.upgrades;
    const send = (message: string) => tidings.notify({ to: { user }, type: 'user_message', message });
    const inPage = <T>(read: (page: InPage) => T) => page.evaluate(`(${read})(globalThis.page)`) as Promise<Awaited<T>>;
    await page.goto(`${proxy.url}/page`);
    await page.evaluate(async (user) => {
      const core = '/core/entry.js';
      const ways = '/transports/entry.js';
      const { createTidingsClient: create } = (await import(core)) as {
        createTidingsClient: typeof createTidingsClient;
      };
      const { fallbackTransport } = (await import(ways)) as typeof transports;
      const client = create({ query: { user }, transport: fallbackTransport() });
      const news: string[] = [];
      client.on('user_message', ({ message, replayed }) => void news.push(replayed ? `${message} again` : message));
      Object.assign(globalThis, { page: { client, news } });
      await client.connect();
    }, user);
    expect(proxy.paths).toContain(path);
    await send('one');
    await expect.poll(() => inPage(({ news }) => news)).toEqual(['one']);
    await inPage(({ client }) => client.inbox.markAllRead());
    await expect.poll(() => inPage(({ client }) => client.inbox.getSnapshot().counts.unread)).toBe(0);
    await tidings.tasks.report(`task-${user}`, { progress: 5 });
    await page.evaluate(`page.client.subscribe('task-${user}')`);
    await tidings.tasks.report(`task-${user}`, { progress: 50 });
    const progress = () => page.evaluate(`page.client.tasks.get('task-${user}')?.frame.progress`);
    await expect.poll(progress).toBe(50);
    proxy.cut();
    await send('two');
    await expect.poll(async () => (await inPage(({ news }) => news)).at(-1), { timeout: 15_000 }).toMatch(/^two/);
    await expect.poll(() => inPage(({ client }) => client.state.status)).toBe('connected');
    await tidings.tasks.report(`task-${user}`, { progress: 60 });
    await expect.poll(progress).toBe(60);
  }, 60_000);
});

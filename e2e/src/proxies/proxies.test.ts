import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Settings } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectChromium } from '../../../testing/chromium.ts';
import { until } from '../until.ts';
import { apache } from './apache.ts';
import { caddy } from './caddy.ts';
import { trustedCertificate } from './certificate.ts';
import { allWays, type Follower } from './follower.ts';
import { haproxy } from './haproxy.ts';
import { lighttpd } from './lighttpd.ts';
import { nginx } from './nginx.ts';
import { ProxiedPage } from './page.ts';
import type { ProxyKind, Variant, Way } from './proxy.ts';
import { ProxyProcess } from './proxy-process.ts';
import { Scene } from './scene.ts';
import { varnish } from './varnish.ts';
import { vite } from './vite.ts';

const proxies = [nginx, haproxy, caddy, apache, varnish, lighttpd, vite];

let browser: Browser;
let scene: Scene;
const running = new Map<string, ProxyProcess>();
/** Clients that are told when the server goes. */
const told: Follower[] = [];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-proxies-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const { file, distrust } = trustedCertificate(folder);
  cleanups.push(distrust);
  scene = await Scene.start();
  browser = await connectChromium();
  cleanups.push(() => browser.close());
  const around = { server: scene.server.port, certificate: file };
  await Promise.all(
    proxies.flatMap((proxy) =>
      variantsOf(proxy).map(async (variant) => {
        running.set(`${proxy.name} ${variant}`, await ProxyProcess.start(proxy, variant, around));
      }),
    ),
  );
});

afterAll(async () => {
  await scene.end();
  await Promise.all([...running.values()].map((process) => process.end()));
  for (const clean of cleanups.reverse()) await clean();
});

const variantsOf = ({ configurations }: ProxyKind) => Object.keys(configurations) as Variant[];
const urlOf = ({ name }: ProxyKind, variant: Variant): string => running.get(`${name} ${variant}`)?.url as string;

/** Connects a client of a user of its own. */
async function follow(proxy: ProxyKind, variant: Variant, ways?: readonly Way[]): Promise<Follower> {
  const follower = await scene.follow(urlOf(proxy, variant), `${proxy.name} ${variant} ${ways}`, ways);
  if (follower.ways[0] === 'websocket' || !proxy.hidesEnds) told.push(follower);
  return follower;
}

describe.concurrent.each(proxies)('behind $name', (proxy) => {
  const { name, configurations } = proxy;
  const { recommended, compressing, impatient } = configurations;

  test.each(variantsOf(proxy).filter((variant) => variant !== 'impatient'))(
    'configured as %s, a client finds the best way, hears at once, and acts',
    async (variant) => {
      const follower = await follow(proxy, variant);
      await scene.hearsAtOnce(follower);
      const { inbox } = follower.client;
      await inbox.markAllRead();
      expect(inbox.getSnapshot().counts.unread).toBe(0);
      expect(follower.ways).toEqual([configurations[variant]?.way]);
    },
  );

  test.each(['events', 'polls'] as const)('%s alone bring news at once', async (way) => {
    await scene.hearsAtOnce(await follow(proxy, 'recommended', [way]));
  });

  test.runIf(compressing)('which compresses, events come at once', async () => {
    await scene.hearsAtOnce(await follow(proxy, 'compressing', ['events']));
  });

  test.runIf(recommended.isHttp2)('events come over HTTP/2, and by a WebSocket where that is offered', async () => {
    const user = `${name} h2`;
    const { host, href } = new URL(urlOf(proxy, 'recommended'));
    const session = connect(href);
    const [{ enableConnectProtocol }] = (await once(session, 'remoteSettings')) as [Settings];
    const token = scene.server.token(user, []);
    const streams = [session.request({ ':path': `/api/v1/events?token=${token}` })];
    if (enableConnectProtocol) {
      const upgrade = { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':authority': host };
      streams.push(
        session.request(
          { ...upgrade, ':path': `/ws/?token=${token}`, 'sec-websocket-version': '13' },
          { endStream: false },
        ),
      );
    }
    const texts = streams.map(() => '');
    for (const [n, stream] of streams.entries()) {
      stream.on('data', (part: Buffer) => {
        texts[n] += part.toString();
      });
    }
    await until('synced on each stream', () => texts.every((text) => text.includes('"synced"')));
    await scene.tell(user, 'over HTTP/2');
    await until('news on each stream', () => texts.every((text) => text.includes('over HTTP/2')));
    expect(session.alpnProtocol).toBe('h2');
    session.destroy();
  });

  test.each(['recommended', 'plain'] as const)(
    'configured as %s, pages of Chromium hear by what it passes, and act',
    async (variant) => {
      const user = `${name} ${variant} page`;
      const { way, isHttp2 } = configurations[variant];
      const page = await ProxiedPage.at(urlOf(proxy, variant), browser);
      expect(await page.follow(scene.server.token(user, []))).toEqual({
        ...{ status: 200, protocol: isHttp2 ? 'h2' : 'http/1.1' },
      });
      await scene.tell(user, 'for pages');
      const expected = {
        socket: way === 'websocket' ? Array(12).fill('for pages') : [],
        events: way === 'polls' ? [] : ['for pages'],
      };
      await vi.waitFor(async () => expect(await page.heard()).toEqual(expected), 20_000);
      await page.close();
    },
  );

  test.runIf(impatient)(
    'which cuts what is silent, a client hears all of it, and comes to rest',
    async () => {
      const ways = allWays.slice(allWays.indexOf(impatient?.way ?? 'websocket'));
      const follower = await follow(proxy, 'impatient', ways);
      const sent: Promise<unknown>[] = [];
      const messages: string[] = [];
      const sendOne = () => {
        messages.push(`${messages.length}`);
        sent.push(scene.tell(follower.user, messages.at(-1) as string));
      };
      sendOne();
      const stop = follower.client.onState(({ status }) => status === 'reconnecting' && sendOne());
      await until('polls', () => follower.polls >= 5, 60_000);
      stop();
      await Promise.all(sent);
      await until('all messages', () => follower.heard.length >= messages.length);
      expect(follower.heard).toEqual(messages);
      expect([...new Set(follower.ways)]).toEqual(ways);
    },
    90_000,
  );
});

test('a server that is killed and started again is found again behind all of them: lost 0, twice 0', () =>
  scene.restart(told));

test('10,000 that were missed, and large ones among them, come through in order, each once', async () => {
  const readers = await Promise.all(proxies.map((proxy) => scene.follow(urlOf(proxy, 'plain'), 'reader')));
  for (const { client } of readers) client.disconnect();
  const messages = Array.from({ length: 10_000 }, (_, n) => `${n}`);
  await scene.sender.notifyMany(
    messages.map((message, n) => ({
      ...{ to: { user: 'reader' }, type: 'user_message', message },
      data: n % 1_000 === 500 ? { text: 'x'.repeat(250_000) } : {},
    })),
  );
  for (const { client } of readers) void client.connect();
  await Promise.all(readers.map(({ heard }) => until('all messages', () => heard.length >= messages.length, 40_000)));
  for (const { heard } of readers) expect(heard).toEqual(messages);
});

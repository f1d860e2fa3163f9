import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Tidings } from '@tidings/server';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { connectChromium } from '../../../../testing/chromium.ts';
import { askAt } from '../../../../testing/door.ts';
import { prepared } from '../../../../testing/prepared.ts';
import { type PageDevice, PageDevices, pageFiles, type TransportName } from '../testing/page-device.ts';
import { PageProxy, type ProxyFaults } from '../testing/page-proxy.ts';
import { pageScripts } from '../testing/page-scripts.ts';
import { PageSite, serverOn, tokenOf } from '../testing/page-site.ts';

let browser: Browser;
let files: Map<string, string>;
let folder: string;
beforeAll(async () => {
  browser = await connectChromium();
  files = await pageFiles();
  folder = mkdtempSync(join(tmpdir(), 'tidings-transports-'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const sqlite = (name: string): string => `sqlite:${prepared(join(folder, `${name}.db`))}`;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

declare module 'vitest' {
  export interface ProvidedContext {
    databaseDoor: number;
  }
}

const transports: readonly TransportName[] = ['webSocketTransport', 'eventStreamTransport', 'longPollTransport'];
let users = 0;

describe('in Chromium, by each transport at a time, on one node and on two', () => {
  let sites: PageSite[];
  beforeAll(async () => {
    const deployments = [
      { name: 'one node', nodes: 1, database: sqlite('site') },
      { name: 'two nodes', nodes: 2, database: await askAt(inject('databaseDoor')) },
    ];
    sites = await Promise.all(deployments.map((deployment) => PageSite.open(deployment, browser, files)));
  });
  // A browser has six connections to an origin.
  afterEach(() => Promise.all(sites.map(({ devices }) => devices.end())));
  afterAll(() => Promise.all(sites.map((site) => site.close())));

  /** Runs the same at each site for a user of each transport. A failure says where. */
  const each = (run: (transport: TransportName, user: string, site: PageSite) => Promise<void>): Promise<unknown> =>
    Promise.all(
      sites.flatMap((site) =>
        transports.map(async (transport) => {
          const where = `${site.name}, ${transport}`;
          const failed = (cause: unknown) => Promise.reject(new Error(`${where}: ${cause}`, { cause }));
          await run(transport, `${transport}-${++users}`, site).catch(failed);
        }),
      ),
    );

  test('a client is greeted, is sent what waits, and then hears what is live, in order and once', () =>
    each(async (transport, user, site) => {
      for (const message of ['a', 'b']) await site.send({ user }, message);
      const device = await site.connected(transport, user);
      expect(device.frames[0]).toMatchObject({ type: 'connection_established', user_id: user, recovered: true });
      expect(device.of('user_message')).toMatchObject([{ message: 'a', snapshot: true }, { message: 'b' }]);
      for (const n of numbers(20)) await site.send({ user }, n);
      await expect.poll(() => device.messages).toEqual(['a', 'b', ...numbers(20)]);
    }));

  test('a client that is cut again and again gets each message once and in order', async () => {
    const cuts = ['7', '8', '23', '41'];
    await each(async (transport, user, site) => {
      const device = await site.connected(transport, user);
      for (const n of numbers(60)) {
        await site.send({ user }, n);
        if (transport === 'webSocketTransport' && cuts.includes(n)) site.cut();
      }
      await expect.poll(() => device.messages).toEqual(numbers(60));
      expect(device.of('connection_established').every(({ recovered }) => recovered)).toBe(true);
      expect(await device.run(({ state }) => state.status)).toBe('connected');
    });
  });

  test('a cursor that cannot be resumed from is said to be lost, and a snapshot follows', () =>
    each(async (transport, user, site) => {
      await site.send({ user }, 'held');
      const device = await site.devices.add(transport, { cursor: 'unknown:1:AAAAAAAA' });
      await device.connect(tokenOf(user));
      expect(device.frames[0]).toMatchObject({ recovered: false, cursor: null });
      expect(device.of('user_message')).toMatchObject([{ message: 'held', snapshot: true }]);
    }));

  test('what a user does on one device follows on the others, and by their cursors later', () =>
    each(async (transport, user, site) => {
      const { id } = await site.send({ user }, 'to read');
      const away = await site.connected(transport, user);
      await away.run((client) => client.disconnect());
      const here = await site.connected(transport, user);
      await here.run((client, id: string) => client.inbox.markRead(id), id);
      await expect.poll(() => here.of('receipts')).toMatchObject([{ unread_count: 0, items: [{ id }] }]);
      expect(await here.run(({ inbox }) => inbox.getSnapshot().counts.unread)).toBe(0);
      await here.run((client) => client.disconnect());
      await away.connect(tokenOf(user));
      expect(away.of('receipts')).toMatchObject([{ unread_count: 0, items: [{ id }] }]);
    }));

  test('a task that reports in a hurry ends as it ended, and never goes back', () =>
    each(async (transport, user, site) => {
      const device = await site.connected(transport, user);
      await device.run((client, task: string) => client.subscribe(task), user);
      await expect.poll(() => device.of('subscribed')).toHaveLength(1);
      await Promise.all(numbers(100).map((n) => site.tidings.tasks.report(user, { progress: Number(n) })));
      await site.tidings.tasks.report(user, { status: 'completed', result: { rows: 7 } });
      const shown = () => device.run(({ tasks }, task: string) => tasks.get(task), user);
      await expect.poll(shown).toMatchObject({ ended: true, frame: { type: 'task_complete', result: { rows: 7 } } });
      const revs = device.frames.flatMap(({ rev }) => (rev as number) ?? []);
      expect(revs).toEqual([...revs].sort((a, b) => a - b));
    }));

  test('a client follows another task beside its cursor: what there is of it comes, then what is new', () =>
    each(async (transport, user, site) => {
      const [one, other] = [`one-of-${user}`, `other-of-${user}`];
      for (const task of [one, other]) await site.tidings.tasks.report(task, { progress: 5 });
      const device = await site.connected(transport, user);
      const follow = (task: string) => device.run((client, task: string) => void client.subscribe(task), task);
      const progress = () => device.of('task_update').map(({ task_id, progress }) => [task_id, progress]);
      await follow(one);
      await expect.poll(progress).toEqual([[one, 5]]);
      await site.tidings.tasks.report(one, { progress: 50 });
      await expect.poll(progress).toContainEqual([one, 50]);
      await follow(other);
      await expect.poll(progress).toContainEqual([other, 5]);
      await site.tidings.tasks.report(other, { progress: 60 });
      await expect.poll(progress).toEqual([
        ...[
          [one, 5],
          [one, 50],
        ],
        ...[
          [other, 5],
          [other, 60],
        ],
      ]);
    }));

  test("a task of somebody else's says nothing", () =>
    each(async (transport, user, site) => {
      const task = `secret-of-${user}`;
      await site.tidings.tasks.start({ task_id: task, name: 'Secret', owner: 'its-owner' });
      const device = await site.connected(transport, user);
      await device.run((client, task: string) => void client.subscribe(task), task);
      await site.tidings.tasks.report(task, { progress: 50 });
      await site.send({ user }, 'the end');
      await expect.poll(() => device.messages).toEqual(['the end']);
      expect(device.frames.filter(({ rev }) => rev !== undefined)).toHaveLength(1);
    }));

  test('a role is heard as long as it is held, also by the cursor later', () =>
    each(async (transport, user, site) => {
      const role = `role-of-${user}`;
      const device = await site.connected(transport, user, { roles: [role] });
      await site.send({ role }, 'as a member');
      await expect.poll(() => device.messages).toEqual(['as a member']);
      await device.run((client) => client.disconnect());
      await site.tidings.users.setRoles(user, []);
      await site.send({ role }, 'not any more');
      await device.connect(tokenOf(user));
      await site.send({ user }, 'to the user');
      await expect.poll(() => device.messages).toEqual(['as a member', 'to the user']);
      expect(device.of('topic_left')).toMatchObject([{ topic: `role:${role}` }]);
    }));

  test('a token that is revoked ends the connection, and opens no other', () =>
    each(async (transport, user, site) => {
      const device = await site.connected(transport, user);
      await site.tidings.users.revoke({ user });
      const state = () => device.run((client) => client.state);
      await expect.poll(state).toMatchObject({ status: 'closed', reason: { code: 'unauthenticated' } });
      await expect(device.connect(tokenOf(user))).rejects.toThrow();
      expect(device.of('connection_established')).toHaveLength(1);
    }));

  test('a server that restarts ends its connections, and what was sent meanwhile is there', async () => {
    const before: { user: string; site: PageSite; device: PageDevice }[] = [];
    await each(async (transport, user, site) => {
      const device = await site.connected(transport, user);
      await site.send({ user }, 'before');
      await expect.poll(() => device.messages).toEqual(['before']);
      before.push({ user, site, device });
    });
    await Promise.all(
      sites.map((site) => {
        const here = before.filter((one) => one.site === site);
        return site.restart(() => Promise.all(here.map(({ user }) => site.send({ user }, 'meanwhile'))));
      }),
    );
    for (const { user, site, device } of before) {
      await site.send({ user }, 'after');
      await expect.poll(() => [user, ...device.messages]).toEqual([user, 'before', 'meanwhile', 'after']);
    }
  });
});

describe('in Chromium, with the fallback', () => {
  async function inPage(faults: ProxyFaults, more: Iterable<readonly [string, string]> = []) {
    const proxy = await PageProxy.to(port, new Map([...files, ...more]), faults);
    const page = await browser.newPage();
    ends.push(() => page.close().then(() => proxy.close()));
    return { proxy, page, devices: await PageDevices.in(page, `${proxy.url}/page`) };
  }
  let tidings: Tidings;
  let port: number;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    tidings = await serverOn(sqlite('fallback'));
    ({ port } = await tidings.listen({ port: 0 }));
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await tidings.close();
  });
  const send = (to: { user: string }, message: string) => tidings.notify({ to, type: 'user_message', message });

  test.concurrent.for([
    ['are refused', { upgrades: 'refused' }, '/api/v1/events'],
    ['are not answered', { upgrades: 'silent' }, '/api/v1/events'],
    ['are refused and streams held back', { upgrades: 'refused', holdsStreams: true }, '/api/v1/sync'],
  ] as const)(
    'where upgrades %s, a page is connected, hears and acts all the same, also when it was cut',
    async ([, faults, path], { expect }) => {
      const user = `behind-${faults.upgrades}-${path.slice('/api/v1/'.length)}`;
      const { proxy, devices } = await inPage(faults);
      const device = await devices.add('fallbackTransport');
      await device.connect(tokenOf(user));
      expect(proxy.paths).toContain(path);
      await send({ user }, 'one');
      await expect.poll(() => device.messages).toEqual(['one']);
      const unread = () => device.run(({ inbox }) => inbox.getSnapshot().counts.unread);
      await device.run((client) => client.inbox.markAllRead());
      await expect.poll(unread).toBe(0);
      const progress = () => device.run(({ tasks }, task: string) => tasks.get(task)?.frame.progress, user);
      await tidings.tasks.report(user, { progress: 5 });
      await device.run((client, task: string) => void client.subscribe(task), user);
      await tidings.tasks.report(user, { progress: 50 });
      await expect.poll(progress).toBe(50);
      proxy.cut();
      await send({ user }, 'two');
      await expect.poll(() => device.messages).toEqual(['one', 'two']);
      await expect.poll(() => device.run(({ state }) => state.status)).toBe('connected');
      await tidings.tasks.report(user, { progress: 60 });
      await expect.poll(progress).toBe(60);
    },
  );

  test.concurrent('a page with the script tag loads what it needs where no WebSocket gets through, and no more where one does', async ({
    expect,
  }) => {
    const isPart = (path: string) => path === '/tidings-transports.js';
    for (const [upgrades, path, parts, line] of [
      ['passed', '/ws/', [], 'WebSocket connected'],
      ['refused', '/api/v1/events', ['/tidings-transports.js'], 'Server-Sent Events connected'],
    ] as const) {
      const user = `by-script-tag-${upgrades}`;
      const { proxy, page } = await inPage({ upgrades }, [
        ...Object.entries(await pageScripts()).map(([name, code]) => [`/${name}.js`, code] as const),
        ['/token', tokenOf(user)],
        ['/page', '<!doctype html><body><script src="/tidings.js" data-token-url="/token"></script>'],
      ]);
      await page.waitForFunction('taskNotifications.client.state.status === "connected"');
      const lines = await page.consoleMessages();
      expect(lines.map((one) => one.text()).filter((text) => text.endsWith(' connected'))).toEqual([line]);
      await send({ user }, 'as a toast');
      await page.locator('tidings-toasts').getByText('as a toast').first().waitFor();
      expect(proxy.paths).toContain(path);
      expect(proxy.paths.filter(isPart)).toEqual(parts);
    }
  });

  test.concurrent('a page changes its transport in mid-stream, down to polling and back to a WebSocket: lost 0, twice 0, in order', async ({
    expect,
  }) => {
    const user = 'who-changes';
    const { proxy, devices, page } = await inPage({ upgrades: 'passed' });
    const device = await devices.add('fallbackTransport');
    await device.connect(tokenOf(user));
    let sent = 0;
    let isOver = false;
    const publishing = (async () => {
      while (!isOver) {
        await send({ user }, `${sent++}`);
        await pause(5);
      }
    })();
    /** The next connection after a cut goes by this path, and hears what is sent then. */
    const changesTo = async (path: string, faults: ProxyFaults) => {
      Object.assign(proxy, { faults });
      proxy.paths.length = 0;
      proxy.cut();
      await expect.poll(() => proxy.paths).toContain(path);
      const now = sent;
      await expect.poll(() => device.messages.length).toBeGreaterThan(now);
    };
    await changesTo('/api/v1/events', { upgrades: 'refused' });
    await changesTo('/api/v1/sync', { upgrades: 'refused', holdsStreams: true });
    // The one that worked is tried first for five minutes.
    await page.evaluate('{ const now = Date.now; Date.now = () => now() + 301_000; }');
    await changesTo('/ws/', { upgrades: 'passed', refuses: /sync/ });
    isOver = true;
    await publishing;
    await expect.poll(() => device.messages.length).toBe(sent);
    expect(device.messages).toEqual(numbers(sent));
    expect(device.of('connection_established').every(({ recovered }) => recovered)).toBe(true);
  });
});

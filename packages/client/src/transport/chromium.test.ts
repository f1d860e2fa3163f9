import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createTidings, type Tidings } from '@tidings/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectChromium } from '../../../../testing/chromium.ts';
import { prepared } from '../../../../testing/prepared.ts';
import { type PageDevice, PageDevices, pageFiles, type TransportName } from '../testing/page-device.ts';
import { PageProxy, type ProxyFaults } from '../testing/page-proxy.ts';
import { pageScripts } from '../testing/page-scripts.ts';

const jwtSecret = 'a secret of at least thirty-two bytes';
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function tokenOf(sub: string, claims: object = {}): string {
  const text = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ sub, ...claims })}`;
  return `${text}.${createHmac('sha256', jwtSecret).update(text).digest('base64url')}`;
}

let browser: Browser;
let files: Map<string, string>;
let folder: string;
let tidings: Tidings;
let port: number;

const open = (): Promise<Tidings> =>
  createTidings({ auth: { jwtSecret }, database: `sqlite:${join(folder, 'tidings.db')}` });

beforeAll(async () => {
  browser = await connectChromium();
  files = await pageFiles();
  folder = mkdtempSync(join(tmpdir(), 'tidings-transports-'));
  prepared(join(folder, 'tidings.db'));
  tidings = await open();
  ({ port } = await tidings.listen({ port: 0 }));
});
afterAll(async () => {
  await browser.close();
  await tidings.close();
  rmSync(folder, { recursive: true });
});

const send = (to: { user: string } | { role: string }, message: string) =>
  tidings.notify({ to, type: 'user_message', message });
const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

const transports: readonly TransportName[] = ['webSocketTransport', 'eventStreamTransport', 'longPollTransport'];
let users = 0;

describe('in Chromium, by each transport at a time', () => {
  let page: Page;
  let proxy: PageProxy;
  let devices: PageDevices;
  beforeAll(async () => {
    proxy = await PageProxy.to(port, files, { upgrades: 'passed' });
    page = await browser.newPage();
    devices = await PageDevices.in(page, `${proxy.url}/page`);
  });
  // A browser has six connections to an origin.
  afterEach(() => devices.end());
  afterAll(async () => {
    await page.close();
    proxy.close();
  });

  /** Runs the same for a user of each transport. A failure says which. */
  const each = (run: (transport: TransportName, user: string) => Promise<void>): Promise<unknown> =>
    Promise.all(
      transports.map(async (transport) => {
        const failed = (cause: unknown) => Promise.reject(new Error(`${transport}: ${cause}`, { cause }));
        await run(transport, `${transport}-${++users}`).catch(failed);
      }),
    );

  async function connected(transport: TransportName, user: string, claims: object = {}): Promise<PageDevice> {
    const device = await devices.add(transport);
    await device.connect(tokenOf(user, claims));
    return device;
  }

  test('a client is greeted, is sent what waits, and then hears what is live, in order and once', () =>
    each(async (transport, user) => {
      for (const message of ['a', 'b']) await send({ user }, message);
      const device = await connected(transport, user);
      expect(device.frames[0]).toMatchObject({ type: 'connection_established', user_id: user, recovered: true });
      expect(device.of('user_message')).toMatchObject([{ message: 'a', snapshot: true }, { message: 'b' }]);
      for (const n of numbers(20)) await send({ user }, n);
      await expect.poll(() => device.messages).toEqual(['a', 'b', ...numbers(20)]);
    }));

  test('a client that is cut again and again gets each message once and in order', async () => {
    const cuts = new Set([7, 8, 23, 41]);
    let sent = 0;
    await each(async (transport, user) => {
      const device = await connected(transport, user);
      for (const n of numbers(60)) {
        await send({ user }, n);
        if (transport === 'webSocketTransport' && cuts.has(sent++)) proxy.cut();
      }
      await expect.poll(() => device.messages).toEqual(numbers(60));
      expect(device.of('connection_established').every(({ recovered }) => recovered)).toBe(true);
      expect(await device.run(({ state }) => state.status)).toBe('connected');
    });
  });

  test('a cursor that cannot be resumed from is said to be lost, and a snapshot follows', () =>
    each(async (transport, user) => {
      await send({ user }, 'held');
      const device = await devices.add(transport, { cursor: 'unknown:1:AAAAAAAA' });
      await device.connect(tokenOf(user));
      expect(device.frames[0]).toMatchObject({ recovered: false, cursor: null });
      expect(device.of('user_message')).toMatchObject([{ message: 'held', snapshot: true }]);
    }));

  test('what a user does on one device follows on the others, and by their cursors later', () =>
    each(async (transport, user) => {
      const { id } = await send({ user }, 'to read');
      const away = await connected(transport, user);
      await away.run((client) => client.disconnect());
      const here = await connected(transport, user);
      await here.run((client, id: string) => client.inbox.markRead(id), id);
      await expect.poll(() => here.of('receipts')).toMatchObject([{ unread_count: 0, items: [{ id }] }]);
      expect(await here.run(({ inbox }) => inbox.getSnapshot().counts.unread)).toBe(0);
      await here.run((client) => client.disconnect());
      await away.connect(tokenOf(user));
      expect(away.of('receipts')).toMatchObject([{ unread_count: 0, items: [{ id }] }]);
    }));

  test('a task that reports in a hurry ends as it ended, and never goes back', () =>
    each(async (transport, user) => {
      const device = await connected(transport, user);
      await device.run((client, task: string) => client.subscribe(task), user);
      await expect.poll(() => device.of('subscribed')).toHaveLength(1);
      await Promise.all(numbers(100).map((n) => tidings.tasks.report(user, { progress: Number(n) })));
      await tidings.tasks.report(user, { status: 'completed', result: { rows: 7 } });
      const shown = () => device.run(({ tasks }, task: string) => tasks.get(task), user);
      await expect.poll(shown).toMatchObject({ ended: true, frame: { type: 'task_complete', result: { rows: 7 } } });
      const revs = device.frames.flatMap(({ rev }) => (rev as number) ?? []);
      expect(revs).toEqual([...revs].sort((a, b) => a - b));
    }));

  test('a client follows another task beside its cursor: what there is of it comes, then what is new', () =>
    each(async (transport, user) => {
      const [one, other] = [`one-of-${user}`, `other-of-${user}`];
      for (const task of [one, other]) await tidings.tasks.report(task, { progress: 5 });
      const device = await connected(transport, user);
      const follow = (task: string) => device.run((client, task: string) => void client.subscribe(task), task);
      const progress = () => device.of('task_update').map(({ task_id, progress }) => [task_id, progress]);
      await follow(one);
      await expect.poll(progress).toEqual([[one, 5]]);
      await tidings.tasks.report(one, { progress: 50 });
      await expect.poll(progress).toContainEqual([one, 50]);
      await follow(other);
      await expect.poll(progress).toContainEqual([other, 5]);
      await tidings.tasks.report(other, { progress: 60 });
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
    each(async (transport, user) => {
      const task = `secret-of-${user}`;
      await tidings.tasks.start({ task_id: task, name: 'Secret', owner: 'its-owner' });
      const device = await connected(transport, user);
      await device.run((client, task: string) => void client.subscribe(task), task);
      await tidings.tasks.report(task, { progress: 50 });
      await send({ user }, 'the end');
      await expect.poll(() => device.messages).toEqual(['the end']);
      expect(device.frames.filter(({ rev }) => rev !== undefined)).toHaveLength(1);
    }));

  test('a role is heard as long as it is held, also by the cursor later', () =>
    each(async (transport, user) => {
      const role = `role-of-${user}`;
      const device = await connected(transport, user, { roles: [role] });
      await send({ role }, 'as a member');
      await expect.poll(() => device.messages).toEqual(['as a member']);
      await device.run((client) => client.disconnect());
      await tidings.users.setRoles(user, []);
      await send({ role }, 'not any more');
      await device.connect(tokenOf(user));
      await send({ user }, 'to the user');
      await expect.poll(() => device.messages).toEqual(['as a member', 'to the user']);
      expect(device.of('topic_left')).toMatchObject([{ topic: `role:${role}` }]);
    }));

  test('a token that is revoked ends the connection, and opens no other', () =>
    each(async (transport, user) => {
      const device = await connected(transport, user);
      await tidings.users.revoke({ user });
      const state = () => device.run((client) => client.state);
      await expect.poll(state).toMatchObject({ status: 'closed', reason: { code: 'unauthenticated' } });
      await expect(device.connect(tokenOf(user))).rejects.toThrow();
      expect(device.of('connection_established')).toHaveLength(1);
    }));

  test('a server that restarts ends its connections, and what was sent meanwhile is there', async () => {
    const connectedBefore = new Map<TransportName, { user: string; device: PageDevice }>();
    await each(async (transport, user) => {
      const device = await connected(transport, user);
      await send({ user }, 'before');
      await expect.poll(() => device.messages).toEqual(['before']);
      connectedBefore.set(transport, { user, device });
    });
    await tidings.close();
    tidings = await open();
    for (const { user } of connectedBefore.values()) await send({ user }, 'meanwhile');
    await tidings.listen({ port });
    for (const [transport, { user, device }] of connectedBefore) {
      await send({ user }, 'after');
      await expect.poll(() => [transport, ...device.messages]).toEqual([transport, 'before', 'meanwhile', 'after']);
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
  const ends: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });

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
    for (const [upgrades, path, parts] of [
      ['passed', '/ws/', []],
      ['refused', '/api/v1/events', ['/tidings-transports.js']],
    ] as const) {
      const user = `by-script-tag-${upgrades}`;
      const { proxy, page } = await inPage({ upgrades }, [
        ...Object.entries(await pageScripts()).map(([name, code]) => [`/${name}.js`, code] as const),
        ['/token', tokenOf(user)],
        ['/page', '<!doctype html><body><script src="/tidings.js" data-token-url="/token"></script>'],
      ]);
      await page.waitForFunction('taskNotifications.client.state.status === "connected"');
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings, type Tidings } from '@tidings/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import { faultsOf } from '../../../../scripts/axe.js';
import { connectChromium } from '../../../../testing/chromium.ts';
import { askAt } from '../../../../testing/door.ts';
import { prepared } from '../../../../testing/prepared.ts';
import { TestDatabase } from '../../../server/testing/postgres.ts';
import { PageProxy, type ProxyFaults } from '../testing/page-proxy.ts';
import { pageScripts } from '../testing/page-scripts.ts';
import { tokenOf } from '../testing/page-site.ts';

// A browser and a server take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** The connections of the server, of which nine tenths may be open before it is degraded. */
const maxConnections = 20;
const admin = { sub: 'ann', roles: ['admin'] };
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'";
const html = `<!doctype html><html lang="en"><title>Health</title><link rel="icon" href="data:,">
<meta http-equiv="content-security-policy" content="${policy}">
<script type="module" src="/elements.js"></script><main><h1>Health</h1><tidings-health hours="1"></tidings-health></main>`;
let browser: Browser;
let tidings: Tidings;
let folder: string;
let database: string;
let files: [string, string][];
let proxy: PageProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-health-'));
  const [script, chromium] = await Promise.all([askAt(inject('elementsDoor')), connectChromium()]);
  browser = chromium;
  files = [
    ['/page', html],
    ['/elements.js', script],
  ];
  database = `sqlite:${prepared(join(folder, 'tidings.db'))}`;
  proxy = await PageProxy.to(0, new Map(files), { upgrades: 'passed' });
  await start();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await tidings?.close();
  rmSync(folder, { recursive: true });
});

/** A server on a database. */
async function serve(at: string): Promise<{ tidings: Tidings; port: number }> {
  const served = await createTidings({
    database: at,
    auth: { jwtSecret: 'a secret of at least thirty-two bytes' },
    limits: { maxConnections, maxConnectionsPerUser: maxConnections },
  });
  return { tidings: served, port: (await served.listen({ port: 0 })).port };
}

/** The server that most tests share, at first and after a restart. */
async function start(): Promise<void> {
  ({ tidings, port: proxy.port } = await serve(database));
}

/** Opens connections. */
async function occupy(port: number, count: number): Promise<WebSocket[]> {
  const sockets = Array.from({ length: count }, () => new WebSocket(socketAt(port, 'bob')));
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
  });
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))));
  return sockets;
}

/** Opens so many connections to the server that it is degraded. @param connected how many there are; those of earlier pages may be about to go */
async function busy(connected: number): Promise<void> {
  await expect.poll(async () => (await tidings.getConnectedUsers()).length).toBe(connected);
  await occupy(proxy.port, maxConnections - 1 - connected);
  const state = async () => (await tidings.systemHealth()).components.sessions?.state;
  await expect.poll(state).toBe('degraded');
}

/** A page with the element, whose client is connected to the server as this user. */
async function open({ sub, ...claims }: { sub: string; roles: string[] }, locale = '', through = proxy) {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${through.url}/page`);
  await page.evaluate(
    ([token, language]) => {
      const element = document.querySelector('tidings-health') as HTMLElementTagNameMap['tidings-health'];
      const client = window.createTidingsClient({ token, reconnect: { minDelayMs: 50, maxDelayMs: 200 } });
      Object.assign(window, { client });
      if (language) element.strings = { locale: language, allWorks: 'Alles läuft' };
      element.client = client;
      client.connect().catch(() => {});
    },
    [tokenOf(sub, claims), locale] as const,
  );
  return { page, complaints };
}
const status = (page: Page) => page.locator('tidings-health').getByRole('status');
const row = (page: Page, name: string) => page.locator('[part=component]', { hasText: name });

it('shows an administrator each component of a server, and what was incidents, which nobody had here', async () => {
  const { page, complaints } = await open(admin);
  await status(page).getByText('Everything works').waitFor();
  expect(await page.locator('[part=component] .name').allTextContents()).toEqual(
    expect.arrayContaining(['Delivery', 'Database', 'Connections', 'Disk']),
  );
  expect(await row(page, 'Database').locator('[part~=state]').textContent()).toBe('Works');
  expect(await row(page, 'Database').locator('[part=latency]').textContent()).toMatch(/^[\d.]+ ms$/);
  expect(await row(page, 'Disk').getByRole('img').getAttribute('aria-label')).toMatch(
    /^No incidents in this time\. Known since /,
  );
  expect(await page.locator('tidings-health').getByText('No incidents in this time.').count()).toBe(1);
  await page.getByRole('button', { name: 'Last 24 hours' }).press('Enter');
  expect(await page.getByRole('button', { pressed: true }).textContent()).toBe('Last 24 hours');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await faultsOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it('shows a component that gets worse, the incident while it goes on and once it is over', async () => {
  const { page } = await open(admin);
  await status(page).getByText('Everything works').waitFor();
  const others = Array.from({ length: maxConnections - 3 }, () => new WebSocket(socketAt(proxy.port, 'bob')));
  await Promise.all(others.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))));
  await status(page).getByText('Some parts work less well than they should').waitFor();
  expect(await row(page, 'Connections').locator('[part=reason]').textContent()).toMatch(
    /^\d+ of 20 connections are open; add a node, or raise limits\.maxConnections$/,
  );
  expect(await row(page, 'Connections').getByRole('img').getAttribute('aria-label')).toMatch(
    /^1 incident: Degraded, since .+, for 5 sec\./,
  );
  expect(await row(page, 'Connections').locator('.incident.open .hatched').count()).toBe(1);
  expect(await page.locator('[part=incident] [part=open]').textContent()).toBe('Goes on');
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'dark' });
  expect(await faultsOf(page)).toEqual([]);
  await page.emulateMedia({ reducedMotion: 'no-preference', colorScheme: 'light' });
  for (const socket of others) socket.close();
  await status(page).getByText('Everything works').waitFor();
  expect(await page.locator('[part=incident] [part=over]').textContent()).toBe('Over');
  expect(await row(page, 'Connections').locator('.incident.over').count()).toBe(1);
  expect(await row(page, 'Connections').locator('.hatched').count()).toBe(0);
});

it('says of when it is while the connection is away, and is live again once it is back', async () => {
  const { page } = await open(admin);
  await status(page).getByText('Everything works').waitFor();
  await page.evaluate(() => (window as never as { client: { disconnect(): void } }).client.disconnect());
  await status(page)
    .getByText(/^Connection lost\. What you see is of \d+:\d\d/)
    .waitFor();
  expect(await row(page, 'Database').count()).toBe(1);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await faultsOf(page)).toEqual([]);
  await page.evaluate(() => (window as never as { client: { connect(): void } }).client.connect());
  await status(page).getByText('Everything works').waitFor();
  // The connections are cut, and made anew by themselves.
  proxy.cut();
  await status(page)
    .getByText(/^Connection lost/)
    .waitFor();
  await status(page).getByText('Everything works').waitFor();
});

it('tells who is no administrator that it is not for them, and offers to ask again', async () => {
  const { page } = await open({ sub: 'ben', roles: ['finance'] });
  await status(page).getByText('The system’s health is shown to administrators only.').waitFor();
  expect(await page.locator('[part=component]').count()).toBe(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Try again' }).click();
  await status(page).getByText('The system’s health is shown to administrators only.').waitFor();
});

it('takes the words and the language of the application', async () => {
  const { page } = await open(admin, 'de');
  await status(page).getByText('Alles läuft').waitFor();
  expect(await row(page, 'Database').locator('[part=latency]').textContent()).toMatch(/^[\d,]+ ms$/);
});

it.each([
  ['are refused', { upgrades: 'refused' }],
  ['are not answered', { upgrades: 'silent' }],
] as [string, ProxyFaults][])('shows the health by HTTP where upgrades %s', async (_, faults) => {
  const { port } = proxy;
  const page = `<!doctype html><html lang="en"><title>Health</title><link rel="icon" href="data:,">
    <script src="/tidings.js" data-token-url="/token"></script><tidings-health hours="1"></tidings-health>`;
  const scripts = [
    ...Object.entries(await pageScripts()).map(([name, code]) => [`/${name}.js`, code] as const),
    ...([
      ['/token', tokenOf('ann', { roles: ['admin'] })],
      ['/page', page],
    ] as const),
  ];
  const blocking = await PageProxy.to(port, new Map(scripts), faults);
  onTestFinished(() => blocking.close());
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const shown = await context.newPage();
  await shown.goto(`${blocking.url}/page`);
  await status(shown).getByText('Everything works').waitFor();
  expect(await row(shown, 'Database').locator('[part~=state]').textContent()).toBe('Works');
  expect(blocking.paths).toContain('/api/v1/health');
  const time = shown.locator('[part~=overall] [part=time]');
  const before = await time.textContent();
  await expect.poll(() => time.textContent(), { timeout: 20_000 }).not.toBe(before);
  blocking.faults = { ...faults, refuses: /./ };
  blocking.cut();
  await status(shown)
    .getByText(/^Connection lost/)
    .waitFor();
  blocking.faults = faults;
  await status(shown).getByText('Everything works').waitFor();
});

it('shows after a restart what was before it, with how it ended, and that it was of an earlier process', async () => {
  await busy(0);
  await tidings.close();
  await start();
  const { page } = await open(admin);
  await status(page).getByText('Everything works').waitFor();
  const ended = page.locator('[part=incident]').first();
  expect(await ended.locator('.name').textContent()).toBe('Connections Degraded · an earlier process');
  expect(await ended.locator('[part=over]').textContent()).toBe('Over');
  expect(await ended.locator('[part=time]').textContent()).toMatch(
    /^\d+:.+ to \d+:.+, .+, until its node was stopped or lost$/,
  );
  expect(await row(page, 'Connections').getByRole('img').getAttribute('aria-label')).toMatch(
    /incidents?: Degraded, .+, until its node was stopped or lost[;.]/,
  );
  expect(await row(page, 'Connections').locator('.incident.over').count()).toBeGreaterThan(0);
});

it('shows the components and incidents of two nodes, by node', async () => {
  const database = await TestDatabase.create();
  onTestFinished(() => database.drop());
  const [here, there] = [await serve(database.url), await serve(database.url)];
  onTestFinished(async () => {
    for (const { tidings: one } of [here, there]) await one.close();
  });
  const between = await PageProxy.to(here.port, new Map(files), { upgrades: 'passed' });
  onTestFinished(() => between.close());
  const { page } = await open(admin, '', between);
  await status(page).getByText('Everything works').waitFor();
  await page.locator('[part=node]').nth(1).waitFor();
  const name = async (node: string | undefined) =>
    (await page.locator('[part=node] .name').allTextContents()).find((one) => one.endsWith(node ?? ''))?.slice(0, 6);
  const sockets = await occupy(there.port, maxConnections - 1);
  await status(page).getByText('Some parts work less well than they should').waitFor();
  const { other_nodes } = await there.tidings.systemHealth();
  const node = (await here.tidings.systemHealth()).other_nodes[0]?.node;
  expect(other_nodes).toHaveLength(1);
  expect(await row(page, 'Connections').locator('[part~=state]').textContent()).toBe('Degraded on 1 of 2 nodes');
  expect(await row(page, 'Connections').locator('[part=reason] b').textContent()).toBe(await name(node));
  // In a narrow window the name is not broken beside its state.
  await page.setViewportSize({ width: 320, height: 700 });
  const heightOf = (component: string) =>
    row(page, component)
      .locator('.name')
      .evaluate((element) => element.getBoundingClientRect().height);
  expect(await heightOf('Connections')).toBe(await heightOf('Memory'));
  const incident = page.locator('[part=incident] .name');
  expect(await incident.textContent()).toBe(`Connections Degraded · ${await name(node)}`);
  for (const socket of sockets) socket.close();
  await there.tidings.close();
  await page.locator('[part=incident] [part=over]').waitFor();
  await expect.poll(() => incident.textContent()).toBe('Connections Degraded · an earlier process');
});

it('keeps what the server says in English, and times, in their order in a page from right to left, and fits a narrow window', async () => {
  const { page } = await open(admin);
  await page.setViewportSize({ width: 320, height: 700 });
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  await status(page).waitFor();
  await busy(1);
  await row(page, 'Connections').locator('[part=reason]').waitFor();
  // A number that a sentence begins with stands before it, which in an Arabic paragraph is on its right.
  const reason = row(page, 'Connections').locator('[part=reason] bdi');
  expect(await reason.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
  expect(await row(page, 'Database').locator('bdi[part=latency]').count()).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

const socketAt = (port: number, user: string) => `ws://127.0.0.1:${port}/ws/?token=${tokenOf(user)}`;

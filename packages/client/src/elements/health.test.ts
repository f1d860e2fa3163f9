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
import { PageProxy } from '../testing/page-proxy.ts';
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
let proxy: PageProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-health-'));
  const [script, chromium] = await Promise.all([askAt(inject('elementsDoor')), connectChromium()]);
  browser = chromium;
  tidings = await createTidings({
    database: `sqlite:${prepared(join(folder, 'tidings.db'))}`,
    auth: { jwtSecret: 'a secret of at least thirty-two bytes' },
    limits: { maxConnections, maxConnectionsPerUser: maxConnections },
  });
  const { port } = await tidings.listen({ port: 0 });
  proxy = await PageProxy.to(
    port,
    new Map([
      ['/page', html],
      ['/elements.js', script],
    ]),
    { upgrades: 'passed' },
  );
}, 60_000);
afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await tidings?.close();
  rmSync(folder, { recursive: true });
});

/** A page with the element, whose client is connected to the server as this user. */
async function open({ sub, ...claims }: { sub: string; roles: string[] }, locale = '') {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${proxy.url}/page`);
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

const socketAt = (port: number, user: string) => `ws://127.0.0.1:${port}/ws/?token=${tokenOf(user)}`;

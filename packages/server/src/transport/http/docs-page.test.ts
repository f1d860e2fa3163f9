import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectChromium } from '../../../../../testing/chromium.ts';
import { RunningServer } from '../../../testing/running-server.ts';

let browser: Browser;
let production: RunningServer;
let development: RunningServer;
let page: Page;
/** Errors in the page's console; its policy lets nothing inline pass, and nothing from other origins. */
let complaints: string[];
let asked: string[];

beforeAll(async () => {
  browser = await connectChromium();
  production = await RunningServer.start();
  development = await RunningServer.start({ dev: true });
});
afterAll(async () => {
  await browser.close();
  await production.stop();
  await development.stop();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(10_000);
  complaints = [];
  asked = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
});
afterEach(async () => {
  expect(complaints).toEqual([]);
  await page.close();
});

async function open(server: RunningServer, hash = ''): Promise<void> {
  await page.goto(`${server.url}/docs${hash}`);
  await page.locator('#contents .chapter').first().waitFor({ state: 'attached' });
}

const item = (id: string) => page.locator('section.item', { has: page.locator(`#${id}`) });
const idsOf = (selector: string) => page.locator(selector).evaluateAll((all) => all.map(({ id }) => id));

it('begins with the three ways of frames, and says how each of them tells its end', async () => {
  await open(production);
  const [what, sockets, closes] = await Promise.all(
    ['begin', 'sockets', 'closes'].map((id) => page.locator('section', { has: page.locator(`#${id}`) }).textContent()),
  );
  for (const way of ['/ws/', 'GET /api/v1/events', 'GET /api/v1/sync', 'POST /api/v1/actions'])
    expect(what).toContain(way);
  for (const way of ['GET /api/v1/events', 'GET /api/v1/sync']) expect(sockets).toContain(way);
  for (const end of ['closed', 'connection_closed']) expect(closes).toContain(end);
});

it('shows every call, action, frame and code of the documents, and asks nobody else for anything', async () => {
  await open(production);
  const openApi = (await production.call('GET', '/openapi.json')).body;
  const { messages } = (await production.call('GET', '/asyncapi.json')).body.components;
  const operations = Object.values<Record<string, { operationId: string }>>(openApi.paths).flatMap(Object.values);
  const expected = [
    ...operations.map(({ operationId }) => `call-${operationId}`),
    ...Object.keys(messages)
      .filter((name) => !name.startsWith('reply.'))
      .map((name) => name.replace('.', '-')),
    ...openApi['x-error-codes'].map(({ code }: { code: string }) => `error-${code}`),
  ];
  const shown = new Set(await idsOf('main h3[id]'));
  expect(expected.filter((id) => !shown.has(id))).toEqual([]);
  const linked = new Set(
    await page
      .locator('#contents a')
      .evaluateAll((all) => all.map((a) => (a as unknown as { hash: string }).hash.slice(1))),
  );
  expect(expected.filter((id) => !linked.has(id))).toEqual([]);
  expect(asked.filter((url) => !url.startsWith(production.url) && !url.startsWith('data:'))).toEqual([]);
});

it('puts the address of this server and the keys that are typed into what is copied', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(production);
  const send = item('call-sendNotification').locator('figure').first();
  expect(await send.locator('pre').textContent()).toContain('Bearer $TIDINGS_API_KEY');
  await page.getByLabel('Your API key').fill('my-key');
  await page.getByLabel("A user's token").fill('my.own.token');
  await send.getByLabel('Request: which').selectOption('to a role');
  await send.getByRole('button', { name: 'Copy' }).click();
  await send.getByText('Copied').waitFor();
  const copied = await page.evaluate('navigator.clipboard.readText()');
  expect(copied).toContain(`curl -X POST ${production.url}/api/v1/notifications`);
  expect(copied).toContain('-H "Authorization: Bearer my-key"');
  expect(copied).toContain('"role": "finance"');
  expect(await item('call-listInbox').locator('pre').first().textContent()).toContain('Bearer my.own.token');
  expect(await item('connect').locator('pre').first().textContent()).toContain('/ws/?token=my.own.token');
});

it('needs no token in development', async () => {
  await open(development);
  expect(await item('call-listInbox').locator('pre').first().textContent()).toBe(
    `curl '${development.url}/api/v1/inbox?user=alice'`,
  );
  expect((await development.call('GET', '/api/v1/inbox?user=alice', undefined, { authorization: '' })).status).toBe(
    200,
  );
});

it('shows what a body is made of, and leads from an error to what to do', async () => {
  await open(production, '#call-sendNotification');
  const send = item('call-sendNotification');
  await send
    .locator('li', { has: page.locator('code', { hasText: /^collapse_key$/ }) })
    .last()
    .waitFor();
  const to = send.locator('.members > li', { has: page.locator('code', { hasText: /^to$/ }) }).first();
  await to.locator('summary').first().click();
  expect(await to.locator('.choices > li').count()).toBe(7);
  await send.locator('a.chip', { hasText: 'idempotency_mismatch' }).click();
  expect(new URL(page.url()).hash).toBe('#error-idempotency_mismatch');
  await page.locator('dd', { hasText: 'Use a new key for a new notification' }).waitFor();
});

it('is found through by keyboard', async () => {
  await open(production);
  await page.keyboard.press('/');
  await page.keyboard.type('inbox snooze');
  const found = page.locator('#contents li:visible');
  expect(await found.allTextContents()).toEqual([
    'POSTBring snoozed notifications back now',
    'POSTHide notifications until a time, when they come back on top and unread',
    ...['snooze', 'unsnooze'],
  ]);
  await page.keyboard.press('Enter');
  expect(new URL(page.url()).hash).toBe('#call-unsnooze');
  await page.locator('#search').fill('xyzzy');
  await page.getByText('Nothing here has that name.').waitFor();
});

it('fits a phone, with the contents behind a button', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(production);
  const menu = page.getByRole('button', { name: 'Contents' });
  const contents = page.getByRole('navigation', { name: 'Contents' });
  expect(await contents.isVisible()).toBe(false);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await menu.click();
  await contents.getByText('Report on a task').click();
  expect(await contents.isVisible()).toBe(false);
  expect(new URL(page.url()).hash).toBe('#call-reportTask');
  await menu.click();
  await page.keyboard.press('Escape');
  expect(await contents.isVisible()).toBe(false);
});

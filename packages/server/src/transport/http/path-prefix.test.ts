import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectChromium } from '../../../../../testing/chromium.ts';
import { PrefixProxy } from '../../../testing/http/prefix-proxy.ts';
import { RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

let browser: Browser;
let server: RunningServer;
let proxy: PrefixProxy;
let page: Page;
/** The requests that failed: their status and address. */
let failed: string[];

beforeAll(async () => {
  browser = await connectChromium();
  server = await RunningServer.start({ dev: true, trustedProxies: ['127.0.0.1'] });
  proxy = await PrefixProxy.start(server.url, '/ops/notify');
});
afterAll(async () => {
  await browser.close();
  await proxy.stop();
  await server.stop();
});

beforeEach(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  failed = [];
  page.on('response', (answer) => answer.status() >= 400 && failed.push(`${answer.status()} ${answer.url()}`));
});
afterEach(async () => {
  expect(failed).toEqual([]);
  await page.close();
});

it('below a path of a proxy the test page connects, sends and offers its file', async () => {
  await page.goto(`${proxy.url}/test?user=alice`);
  await page.getByText('Connected as alice').waitFor();
  await page.getByRole('button', { name: 'Send message' }).click();
  await page.locator('tidings-toasts').getByText('Hello').first().waitFor();
  await page.locator('#send-kinds').getByRole('button', { name: 'File' }).click();
  const sample = await page.getByLabel('URL').inputValue();
  expect(sample).toBe(`${proxy.url}/test/sample.csv`);
  expect((await page.request.get(sample)).status()).toBe(200);
});

it('below a path of a proxy the script tag takes its own address for the server’s', async () => {
  await page.route(`${proxy.url}/of-the-application`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<script src="${proxy.url}/tidings.js" data-user="bob"></script><tidings-bell></tidings-bell>`,
    }),
  );
  await page.goto(`${proxy.url}/of-the-application`);
  const bell = page.getByRole('button', { name: /^Notifications/ });
  await bell.click();
  // The list is a script of its own.
  await page.getByRole('button', { name: 'Mark all as read' }).or(page.getByText('Nothing new')).first().waitFor();
});

it('below a path of a proxy the documents are shown, with the address that the reader has', async () => {
  await page.goto(`${proxy.url}/docs`);
  await page.locator('#contents .chapter').first().waitFor({ state: 'attached' });
  const text = await page.locator('main').textContent();
  expect(text).toContain(`curl ${proxy.url}/api/v1/notifications`);
  for (const name of ['OpenAPI', 'AsyncAPI', 'Test page']) {
    const link = await page.getByRole('link', { name, exact: true }).getAttribute('href');
    expect((await page.request.get(new URL(String(link), page.url()).href)).status()).toBe(200);
  }
});

it('below a path of a trusted proxy the documents name the address that callers have, and elsewhere believe nobody', async () => {
  const { protocol, host, pathname } = new URL(proxy.url);
  type Documents = { servers: Record<string, unknown> };
  const read = async (url: string, headers = {}) => (await (await fetch(url, { headers })).json()) as Documents;
  expect(await read(`${proxy.url}/openapi.json`)).toMatchObject({
    servers: [{ url: proxy.url }],
    externalDocs: { url: `${proxy.url}/docs` },
  });
  expect((await read(`${proxy.url}/asyncapi.json`)).servers.here).toMatchObject({ host, pathname, protocol: 'ws' });
  expect(protocol).toBe('http:');
  const wary = await RunningServer.start();
  const claim = { 'x-forwarded-prefix': '/elsewhere', 'x-forwarded-host': 'evil.example' };
  expect((await read(`${wary.url}/openapi.json`, claim)).servers).toMatchObject([{ url: wary.url }]);
  await wary.stop();
});

it('below a path of a trusted proxy the cookie goes to this server alone', async () => {
  const { pathname } = new URL(proxy.url);
  const cookieOf = async (url: string, method: string) => {
    const headers = { authorization: `Bearer ${token({ sub: 'alice' })}` };
    return (await fetch(`${url}/api/v1/session`, { method, headers })).headers.get('set-cookie');
  };
  for (const method of ['POST', 'DELETE']) {
    expect(await cookieOf(proxy.url, method)).toContain(`; Path=${pathname};`);
    expect(await cookieOf(server.url, method)).toContain('; Path=/;');
  }
});

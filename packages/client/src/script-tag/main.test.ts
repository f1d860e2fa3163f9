import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleScript } from '../testing/bundles.ts';
import { launchChromium } from '../testing/chromium.ts';
import { message, taskFrame } from '../testing/frames.ts';
import { ProtocolServer } from '../testing/protocol-server.ts';
import { until } from '../testing/until.ts';

let browser: Browser;
let script: string;
let server: ProtocolServer;
let page: Page;
const said: string[] = [];

beforeAll(async () => {
  [browser, script] = await Promise.all([launchChromium(), bundleScript()]);
});
afterAll(() => browser.close());

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  server.files.set('/tidings.js', { type: 'text/javascript', body: script });
  page = await browser.newPage();
  said.length = 0;
  page.on('console', (line) => said.push(line.text()));
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

async function open(tag: string, inline = ''): Promise<void> {
  const body = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>p</title><body>${tag}<script>${inline}</script>`;
  server.files.set('/page', { type: 'text/html', body });
  await page.goto(`${server.url}/page`);
}
const heard = () => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);

test('one script tag connects, follows, hears, and shows toasts by itself', async () => {
  const inline = `
    window.heard = [];
    heard.push(taskNotifications.ws.readyState);
    taskNotifications.subscribe('test-123');
    taskNotifications.on('task_update', (frame) => heard.push(frame.progress));
    taskNotifications.on('*', (frame) => heard.push(frame.type));`;
  await open('<script src="/tidings.js" data-user="alice"></script>', inline);
  await until(() => server.sessions[0]?.actions.length === 1);
  expect(server.session.query.get('user')).toBe('alice');
  expect(server.session.actions).toMatchObject([{ action: 'subscribe', task_id: 'test-123' }]);
  expect(await page.evaluate(() => window.taskNotifications.ws.readyState)).toBe(1);
  server.session.send(taskFrame('test-123', 1, { progress: 45 }), message('m', 2, { message: 'Hello there' }));
  await page.getByText('Hello there').first().waitFor();
  expect(await heard()).toEqual([
    0,
    'connection_established',
    'synced',
    'subscribed',
    'reply',
    45,
    'task_update',
    'user_message',
  ]);
  expect(said).toContain('WebSocket connected');
  expect(await page.evaluate(() => window.taskNotifications.client.tasks.get('test-123')?.frame.progress)).toBe(45);
});

test('data-ui="none" shows nothing, and data-token-url gets the token', async () => {
  server.files.set('/token', { type: 'application/json', body: '{"token":"a.b.c"}' });
  await open('<script src="/tidings.js" data-ui="none" data-token-url="/token"></script>');
  await until(() => said.includes('WebSocket connected'));
  expect(server.session.protocols).toEqual(['tidings.v1', 'bearer.a.b.c']);
  expect(await page.locator('tidings-toasts, tidings-file-dialog').count()).toBe(0);
});

test('from the head of a page it waits for the body', async () => {
  await open('', '');
  const head = '<!doctype html><html lang="en"><head><link rel="icon" href="data:,"><title>p</title>';
  const body = `${head}<script src="/tidings.js"></script></head><body><p>text</p></body></html>`;
  server.files.set('/head', { type: 'text/html', body });
  await page.goto(`${server.url}/head`);
  await until(() => said.includes('WebSocket connected'));
  expect(await page.locator('body > tidings-toasts').count()).toBe(1);
});

test('a page of another origin is told which origin to allow', async () => {
  const other = await ProtocolServer.start();
  other.refuseWith = 403;
  other.files.set('/tidings.js', { type: 'text/javascript', body: script });
  await open(`<script src="${other.url}/tidings.js" data-ui="none"></script>`);
  await until(() => said.some((line) => line.includes(`--allowed-origins ${server.url}`)));
  expect(await page.evaluate(() => window.taskNotifications.client.state)).toMatchObject({
    status: 'closed',
    reason: { code: 'origin_not_allowed' },
  });
  await other.stop();
});

test('a page whose server is not there says so and tries again', async () => {
  const gone = await ProtocolServer.start();
  await gone.stop();
  await open(`<script src="/tidings.js" data-ui="none" data-url="${gone.url}"></script>`);
  await until(() => said.some((line) => line.includes('no server answered')));
  expect(await page.evaluate(() => window.taskNotifications.ws.readyState)).toBe(0);
});

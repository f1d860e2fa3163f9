import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectChromium } from '../../../../testing/chromium.ts';
import type { PageScripts } from '../testing/bundles.ts';
import { message, taskFrame } from '../testing/frames.ts';
import { pageScripts, serveScripts } from '../testing/page-scripts.ts';
import { ProtocolServer } from '../testing/protocol-server.ts';
import { until } from '../testing/until.ts';

let browser: Browser;
let scripts: PageScripts;
let server: ProtocolServer;
let page: Page;
const said: string[] = [];

beforeAll(async () => {
  [browser, scripts] = await Promise.all([connectChromium(), pageScripts()]);
});
afterAll(() => browser.close());

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  serveScripts(server, scripts);
  page = await browser.newPage();
  said.length = 0;
  page.on('console', (line) => said.push(line.text()));
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

/** The further scripts that were asked for. */
const partsAsked = (from: ProtocolServer) => from.asked.flatMap(({ url }) => (url?.includes('tidings-') ? [url] : []));

async function open(tag: string, inline = '', policy?: string): Promise<void> {
  const body = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>p</title><body>${tag}${inline && `<script>${inline}</script>`}`;
  server.files.set('/page', { type: 'text/html', body, ...(policy && { policy }) });
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
  serveScripts(other, scripts);
  await open(`<script src="${other.url}/tidings.js" data-ui="none"></script>`);
  await until(() => said.some((line) => line.includes(`pages of ${server.url}: name it in auth.allowedOrigins`)));
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

const elements = '<tidings-bell></tidings-bell><tidings-task task-id="t-1"></tidings-task>';
const bell = () => page.locator('tidings-bell .bell');

test('a page loads the inbox when it is opened, and the task card where it has one, under a strict policy', async () => {
  const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:";
  await open(`<script src="/tidings.js"></script>${elements}`, '', policy);
  await until(() => said.includes('WebSocket connected'));
  await page.getByText('Waiting for the first report').waitFor();
  expect(partsAsked(server).sort()).toEqual(['/tidings-news.js', '/tidings-task.js']);
  await bell().click();
  await page.getByText('You’re all caught up').waitFor();
  await page.evaluate(() => document.body.append(document.createElement('tidings-inbox')));
  await page.locator('tidings-inbox').getByText('You’re all caught up').waitFor();
  expect(partsAsked(server).sort()).toEqual(['/tidings-inbox.js', '/tidings-news.js', '/tidings-task.js']);
  expect(said.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
});

test('the parts come from where the script came, with its nonce', async () => {
  const other = await ProtocolServer.start((session) => session.welcome());
  serveScripts(other, scripts);
  const policy = `default-src 'none'; script-src 'nonce-abc'; connect-src ${other.url} ${other.url.replace('http', 'ws')}; img-src data:`;
  await open(`<script src="${other.url}/tidings.js" nonce="abc"></script>${elements}`, '', policy);
  await until(() => said.includes('WebSocket connected'));
  await bell().click();
  await page.getByText('You’re all caught up').waitFor();
  expect(partsAsked(other).sort()).toEqual(['/tidings-inbox.js', '/tidings-news.js', '/tidings-task.js']);
  expect(partsAsked(server)).toEqual([]);
  await other.stop();
});

test.each([
  ['nothing answers', (route: Route) => route.abort()],
  ['a page answers', (route: Route) => route.fulfill({ contentType: 'text/html', body: '<p>Not found</p>' })],
])('an inbox that cannot be loaded says so, and is tried again: %s', async (_case, answer) => {
  const inbox = server.files.get('/tidings-inbox.js');
  server.files.delete('/tidings-inbox.js');
  await page.route('**/tidings-inbox.js', answer);
  await open('<script src="/tidings.js"></script><tidings-bell></tidings-bell>');
  await bell().click();
  await page.getByText('This could not be loaded.').waitFor();
  await page.unroute('**/tidings-inbox.js');
  if (inbox) server.files.set('/tidings-inbox.js', inbox);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('You’re all caught up').waitFor();
});

test('a toast with buttons gets them, without the inbox having been opened', async () => {
  await open('<script src="/tidings.js"></script>');
  await until(() => said.includes('WebSocket connected'));
  server.session.send(message('m', 2, { message: 'Transfer 7', actions: [{ id: 'approve', label: 'Approve' }] }));
  await page.getByRole('button', { name: 'Approve' }).click();
  await until(() => server.session.actions.some(({ action }) => action === 'answer'));
});

const file = (id: string, rev: number) => ({
  ...message(id, rev, { message: 'Your report' }),
  ...{ type: 'user_file', file_url: `/${id}.zip`, file_name: `${id}.zip`, file_size: 2_000 },
});
const connected = () => until(() => said.includes('WebSocket connected'));

test('what shows toasts and files is loaded with the connection, and nothing is lost where that takes long or fails at first', async () => {
  await page.route('**/tidings-news.js', (route) => route.abort());
  await open('<script src="/tidings.js"></script>');
  await connected();
  server.session.send(file('a', 2), message('m', 3, { message: 'Hello there' }));
  await until(() => said.some((line) => line.includes('ERR_FAILED')));
  expect(await page.locator('tidings-file-dialog').textContent()).toBe('');
  await page.unroute('**/tidings-news.js');
  server.session.terminate();
  await page.getByRole('dialog', { name: 'File ready' }).getByText('a.zip').waitFor();
  expect(await page.locator('tidings-toasts .message').textContent()).toBe('Hello there');
});

test('a page that requires trusted types allows two policies, and everything is loaded', async () => {
  const policy = [
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:",
    "require-trusted-types-for 'script'; trusted-types lit-html tidings",
  ].join('; ');
  await open(`<script src="/tidings.js"></script>${elements}`, '', policy);
  await page.getByText('Waiting for the first report').waitFor();
  await bell().click();
  await page.getByText('You’re all caught up').waitFor();
  await page.keyboard.press('Escape');
  server.session.send(file('a', 2), message('m', 3, { message: 'Hello there' }));
  await page.getByText('Hello there').first().waitFor();
  await page.getByRole('dialog', { name: 'File ready' }).waitFor();
  expect(partsAsked(server).sort()).toEqual(['/tidings-inbox.js', '/tidings-news.js', '/tidings-task.js']);
  expect(said.filter((line) => /policy|trusted/i.test(line))).toEqual([]);
});

test('a sandboxed page, where locks are refused, toasts as one without locks', async () => {
  await open('<script src="/tidings.js"></script>', '', 'sandbox allow-scripts');
  await connected();
  const refusal = await page.evaluate(() => navigator.locks.request('any', () => '').catch(({ name }) => name));
  expect(refusal).toBe('SecurityError');
  server.session.send(message('m', 2, { message: 'Hello there' }));
  await page.getByText('Hello there').first().waitFor();
});

const swaps: [string, () => void][] = [
  ['another body', () => document.body.replaceWith(document.createElement('body'))],
  ['an emptied body', () => document.body.replaceChildren()],
  [
    'a body written by a script',
    () => {
      document.body.innerHTML = '<p>next</p>';
    },
  ],
  [
    'another root',
    () => document.documentElement.replaceWith(new DOMParser().parseFromString('<p>next', 'text/html').documentElement),
  ],
  [
    'a document written anew',
    () => {
      document.open();
      document.write('<!doctype html><title>next</title><p>next</p>');
      document.close();
    },
  ],
  ['a body with copies of both', () => document.body.replaceWith(document.body.cloneNode(true))],
];
test.each(swaps)('toasts and files are there again after %s, once each', async (_, swap) => {
  await open('<script src="/tidings.js"></script>');
  await connected();
  server.session.send(message('m', 2, { message: 'Before' }));
  await page.getByText('Before').first().waitFor();
  for (const round of [10, 20]) {
    await page.evaluate(swap);
    server.session.send(message(`m${round}`, round, { message: `After ${round}` }));
    await page.locator('tidings-toasts .title, tidings-toasts .message').getByText(`After ${round}`).waitFor();
  }
  server.session.send(file('a', 30));
  await page.getByRole('dialog', { name: 'File ready' }).waitFor();
  expect(await page.locator('body > tidings-toasts').count()).toBe(1);
  expect(await page.locator('body > tidings-file-dialog').count()).toBe(1);
  expect(server.sessions.length).toBe(1);
});

test('a script that a page runs again opens no second connection and shows nothing twice', async () => {
  await open('<script src="/tidings.js"></script>');
  await connected();
  await page.evaluate(() => {
    const again = document.createElement('script');
    again.src = '/tidings.js';
    const body = document.createElement('body');
    body.append(again);
    document.body.replaceWith(body);
    return new Promise((loaded) => again.addEventListener('load', loaded));
  });
  server.session.send(message('m', 2, { message: 'Hello there' }));
  await page.locator('tidings-toasts .message').waitFor();
  expect(await page.locator('tidings-toasts .message').count()).toBe(1);
  expect(server.sessions.length).toBe(1);
});

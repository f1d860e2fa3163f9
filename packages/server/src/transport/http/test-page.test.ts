import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectChromium } from '../../../../../testing/chromium.ts';
import { prepared } from '../../../../../testing/prepared.ts';
import { createTidings, type Tidings } from '../../server.ts';

const jwtSecret = '0123456789abcdef0123456789abcdef';

let browser: Browser;
let folder: string;
let development: { server: Tidings; url: string };
let production: { server: Tidings; url: string };
let page: Page;
/** Errors in the page's console; its policy lets nothing inline pass. */
let complaints: string[];

async function start(name: string, options: { dev: boolean }): Promise<{ server: Tidings; url: string }> {
  const server = await createTidings({
    ...options,
    auth: { jwtSecret },
    database: `sqlite:${prepared(join(folder, name))}`,
  });
  const { url } = await server.listen({ port: 0 });
  return { server, url };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-page-'));
  browser = await connectChromium();
  development = await start('dev.db', { dev: true });
  production = await start('serve.db', { dev: false });
});
afterAll(async () => {
  await browser.close();
  await development.server.close();
  await production.server.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
});
afterEach(() => page.close());

const frame = (type: string) => page.locator('#frames li', { has: page.locator(`.type[title="${type}"]`) });
const kind = (name: string) => page.locator('#send-kinds').getByRole('button', { name, exact: true });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const status = (state: string) => page.locator(`#pill[data-status=${state}]`).waitFor();

it('shows in development who is connected, what is sent and what comes', async () => {
  await page.goto(`${development.url}/test?user=alice&roles=finance`);
  await status('connected');
  expect(await page.locator('#facts').textContent()).toContain('alice · 0 unreadRolesfinance');

  await kind('Notification').click();
  await page.getByText('warning', { exact: true }).click();
  await page.locator('#send-form [name=message]').fill('<b>Look</b> here');
  await press('Send notification');
  const row = frame('user_notification');
  await row.waitFor();
  expect(await row.getAttribute('class')).toBe('warning');
  expect(await row.textContent()).toContain('Warning · <b>Look</b> here');
  await row.locator('summary').click();
  expect(JSON.parse((await row.locator('pre').textContent()) ?? '')).toMatchObject({
    type: 'user_notification',
    rev: expect.any(Number),
  });
  await page.locator('tidings-toasts').getByText('<b>Look</b> here', { exact: true }).waitFor();

  await kind('Role, all').click();
  await page.locator('#send-form [name=role]').fill('finance');
  await press('Send to all of them');
  await frame('notification').getByText('Maintenance · The ledger closes at six').waitFor();

  await kind('File').click();
  await press('Send file');
  await page.locator('tidings-file-dialog').getByText('sample.csv').waitFor();
  expect(complaints).toEqual([]);
});

it('follows a task and cancels it', async () => {
  await page.goto(`${development.url}/test?user=bob`);
  await status('connected');
  await kind('Task').click();
  await press('Run task');
  const card = page.locator('tidings-task');
  await card.getByText('Preparing Data').first().waitFor();
  await card.getByRole('button', { name: 'Cancel' }).click();
  await frame('task_cancelled').waitFor();
  await page.locator('#send-outcome', { hasText: 'was cancelled' }).waitFor();
  expect(complaints).toEqual([]);
});

it('filters, holds back and clears frames', async () => {
  await page.goto(`${development.url}/test?user=carol`);
  await status('connected');
  await page.locator('#filter').fill('SYNCED');
  expect(await page.locator('#frames li:visible').count()).toBe(1);
  await page.locator('#filter').fill('');
  await press('Pause');
  await development.server.wsSendMessage('carol', 'later');
  await page.locator('#frame-count', { hasText: '1 waiting' }).waitFor();
  expect(await frame('user_message').count()).toBe(0);
  await press('Go on');
  await frame('user_message').waitFor();
  await press('Clear');
  expect(await page.locator('#frames li').count()).toBe(0);
});

it('comes back after the connection broke, and resumes', async () => {
  await page.goto(`${development.url}/test?user=dave`);
  await status('connected');
  await development.server.wsSendMessage('dave', 'first');
  await frame('user_message').waitFor();
  await press('Break it');
  await frame('socket closed').waitFor();
  await page.locator('#frames', { hasText: 'resumed at' }).waitFor();
  await status('connected');
  expect(await frame('user_message').count()).toBe(1);
});

it('says outside development what is missing, and takes a token that stays in the tab', async () => {
  await page.goto(`${production.url}/test`);
  await status('closed');
  expect(await page.locator('#problem').textContent()).toMatch(/unauthenticated[\s\S]*Connect with a token, below\./);
  expect(await page.locator('#sending').isVisible()).toBe(false);
  expect(await page.locator('#as-user').isVisible()).toBe(false);

  const token = await new SignJWT({ sub: '42', username: 'amadmin' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(jwtSecret));
  await page.locator('#as-token textarea').fill(token);
  await press('Connect with this token');
  await status('connected');
  expect(await page.locator('#facts').textContent()).toContain('amadmin (id 42)');
  expect(page.url()).toBe(`${production.url}/test`);
  expect(await page.locator('#frames').textContent()).not.toContain(token);
});

it('refuses to send outside development', async () => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${production.url}/test/send`, {
    method: 'POST',
    headers,
    body: '{"name":"wsSendMessage","args":["a","b"]}',
  });
  expect(answer.status).toBe(404);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings, type Tidings } from '@tidings/server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectChromium } from '../../testing/chromium.ts';
import { prepared } from '../../testing/prepared.ts';

const steps = ['Read the file', 'Check the lines', 'Post the journal'];
// Toasts stay until the test is done, and the clock that people see by is left alone.
const html = `<!doctype html>
  <html lang="en">
  <link rel="icon" href="data:,">
  <script src="/tidings.js" data-user="alice" data-ui="none" defer></script>
  <tidings-bell></tidings-bell>
  <tidings-task task-id="import-7"></tidings-task>
  <tidings-toasts duration="600000"></tidings-toasts>
  <tidings-file-dialog></tidings-file-dialog>`;
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'";

let browser: Browser;
let folder: string;
let application: Server;
let tidings: Tidings;
let context: BrowserContext;
/** Two tabs of one person; the second is the one that is looked at. */
let first: Page;
let second: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await connectChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-elements-'));
  tidings = await createTidings({ dev: true, database: `sqlite:${prepared(join(folder, 'tidings.db'))}` });
  application = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').setHeader('content-security-policy', policy).end(html);
  });
  await new Promise<void>((listening) => application.listen(0, '127.0.0.1', listening));
  tidings.attach(application);
  context = await browser.newContext();
  complaints = [];
  first = await open();
  second = await open();
  // The first has lost both locks, of toasts and of files, and waits for them.
  const waiting = () => first.evaluate(async () => (await navigator.locks.query()).pending?.length);
  await expect.poll(waiting).toBe(2);
});
afterEach(async () => {
  await context.close();
  await tidings.close();
  application.closeAllConnections();
  await new Promise((closed) => application.close(closed));
  rmSync(folder, { recursive: true });
  expect(complaints).toEqual([]);
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const connected = page.waitForEvent('console', (line) => line.text() === 'WebSocket connected');
  await page.goto(`http://127.0.0.1:${(application.address() as AddressInfo).port}/`);
  await connected;
  return page;
}

const toasts = (page: Page) => page.locator('tidings-toasts .shown .toast');
const bell = (page: Page) => page.locator('tidings-bell .bell');
const inBoth = (see: (page: Page) => Promise<unknown>) =>
  expect.poll(async () => [await see(first), await see(second)]);
const named = (page: Page) => bell(page).getAttribute('aria-label');

test('a message and notifications of four colours are toasted once, and counted and read in both tabs', async () => {
  await tidings.wsSendMessage('alice', 'The office closes at five');
  await toasts(second).getByText('The office closes at five').waitFor();
  await second.getByRole('button', { name: 'Dismiss' }).click();
  // Under a pointer nothing moves: what comes then is counted.
  await second.mouse.move(0, 600);
  for (const type of ['success', 'error', 'warning', 'info'] as const) {
    await tidings.wsSendNotification('alice', `How ${type} looks`, type);
  }
  await expect.poll(() => toasts(second).count()).toBe(4);
  const seen = await toasts(second).evaluateAll((all) =>
    all.map((one) => [one.querySelector('.title')?.textContent, getComputedStyle(one).backgroundColor]),
  );
  expect(seen.map(([title]) => title)).toEqual(['Information', 'Warning', 'Error', 'Success']);
  expect(new Set(seen.map(([, colour]) => colour)).size).toBe(4);
  expect(await toasts(first).count()).toBe(0);
  await inBoth(named).toEqual(Array(2).fill('Notifications, 5 unread'));

  await bell(first).click();
  const lines = first.locator('tidings-bell .item');
  const titles = ['Information', 'Warning', 'Error', 'Success', 'The office closes at five'];
  await expect.poll(() => lines.locator('.title').allTextContents()).toEqual(titles);
  await lines.nth(1).click();
  await inBoth(named).toEqual(Array(2).fill('Notifications, 4 unread'));
  await expect
    .poll(() => toasts(second).locator('.title').allTextContents())
    .toEqual(['Information', 'Error', 'Success']);
  await first.getByRole('button', { name: 'Mark all as read' }).click();
  await inBoth(named).toEqual(Array(2).fill('Notifications, no unread'));
  await expect.poll(() => toasts(second).count()).toBe(0);
});

test('a file is offered in the tab that is looked at, and is dealt with for both', async () => {
  await tidings.wsSendFile({ username: 'alice', fileUrl: '/files/q3.zip', fileName: 'q3.zip', fileSize: 184_320 });
  const dialog = second.getByRole('dialog', { name: 'File ready' });
  await dialog.waitFor();
  expect(await dialog.locator('[part=file]').textContent()).toMatch(/q3\.zip\s*184\.3 kB/);
  expect(await dialog.getByRole('link', { name: 'Download' }).getAttribute('href')).toMatch(/\/files\/q3\.zip$/);
  await inBoth(named).toEqual(Array(2).fill('Notifications, 1 unread'));
  await dialog.getByRole('button', { name: 'Close' }).click();
  await inBoth(named).toEqual(Array(2).fill('Notifications, no unread'));
  expect(await first.locator('dialog[open]').count()).toBe(0);
});

test('a task shows its steps and how far it is in both tabs and after a reload, and is cancelled from either', async () => {
  tidings.tasks.define('import', async ({ progress, signal }) => {
    await progress({ step: steps[1], step_number: 2, total_steps: 3, progress: 40, message: '86 of 214 lines' });
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const card = (page: Page) => page.locator('tidings-task .card');
  const task = async (page: Page) => [
    await card(page).locator('[part=status]').textContent(),
    ...(await card(page).locator('li .label').allTextContents()),
    await card(page).locator('.figures span').first().textContent(),
  ];
  const running = ['Step 2 of 3 · Check the lines', ...steps, '40%'];
  expect(await card(first).textContent()).toContain('Waiting for the first report');
  await tidings.tasks.start('import', null, {
    taskId: 'import-7',
    owner: 'alice',
    totalSteps: 3,
    data: { title: 'Budget of September', steps },
  });
  await card(first).locator('.figures').waitFor();
  await card(second).locator('.figures').waitFor();
  expect(await card(second).getByRole('heading').textContent()).toBe('Budget of September');
  await inBoth(task).toEqual([running, running]);
  await second.reload();
  await card(second).locator('.figures').waitFor();
  await inBoth(task).toEqual([running, running]);

  await card(second).getByRole('button', { name: 'Cancel' }).click();
  const ended = (page: Page) => card(page).locator('[part=status]').textContent();
  await inBoth(ended).toEqual(['Cancelled', 'Cancelled']);
  expect(await card(first).getByRole('button').count()).toBe(0);
});

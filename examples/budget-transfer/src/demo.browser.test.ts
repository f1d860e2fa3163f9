import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { requireProgram } from '../../../scripts/system-programs.js';
import { type Demo, startDemo } from './demo.ts';

let browser: Browser;
let folder: string;
let demo: Demo;
let contexts: BrowserContext[];
let complaints: string[];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: requireProgram('chromium'), args: ['--no-sandbox'] });
});
afterAll(() => browser.close());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
  demo = await startDemo({ folder, listen: { port: 0, next: false }, erp: null, stepSeconds: 0.4 });
  contexts = [];
  complaints = [];
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  await demo.close();
  rmSync(folder, { recursive: true });
  // A content security policy that is broken, a script that fails, a request that is refused.
  expect(complaints).toEqual([]);
});

/** Opens the demo in a browser of its own, as somebody. */
async function openAs(name: string): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await open(context);
  await page.getByRole('button', { name }).click();
  await page.locator('#connection', { hasText: 'Live' }).waitFor();
  return page;
}

async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(demo.url, { waitUntil: 'networkidle' });
  return page;
}

async function submit(page: Page, example: string): Promise<void> {
  await page.getByText(example).click();
  await page.locator('.preview table').waitFor();
  await page.getByRole('button', { name: /^Submit/ }).click();
}

const newest = (page: Page) => page.locator('.transfer').first();
const status = (page: Page, text: string) => newest(page).locator('[part=status]', { hasText: text });

/** The step that is under way, by each name it had, until there is none. */
async function watchSteps(page: Page): Promise<string[]> {
  const seen = new Set<string>();
  while ((await status(page, 'Completed').count()) === 0) {
    for (const step of await newest(page).locator('[aria-current=step] .label').allTextContents())
      seen.add(step.trim());
  }
  return [...seen];
}

test('a transfer is previewed, submitted, watched and downloaded, in every tab of its owner and in no other', async () => {
  const maria = await openAs('Maria Chen');
  const tom = await openAs('Tom Okafor');
  const secondTab = await open(maria.context());
  await secondTab.locator('#connection', { hasText: 'Live' }).waitFor();
  await maria.bringToFront();

  await submit(maria, 'November transfers');
  expect(await maria.locator('.preview .figures').textContent()).toContain('1,948,778.78');
  const steps = await watchSteps(maria);
  // The first two may be over between two looks; those that wait for the ERP are not.
  expect(steps.slice(-3)).toEqual(['Interface Loader', 'Journal Import', 'AutoPost']);
  await newest(maria).getByText('Posted 240 lines of 66 journals, 1,948,778.78 USD').waitFor();
  await status(secondTab, 'Completed').waitFor();

  const link = await newest(maria).getByRole('link', { name: 'Download' }).getAttribute('href');
  expect(await (await maria.request.get(String(link))).text()).toContain('1,948,778.78 USD');
  expect((await tom.request.get(String(link))).status()).toBe(404);
  await maria.getByRole('button', { name: /^Notifications, 1 unread/ }).waitFor();

  expect(await tom.locator('.transfer').count()).toBe(0);
  await tom.getByRole('button', { name: /^Notifications, no unread/ }).waitFor();
});

test('mistakes are listed before submitting, and again by the transfer that failed, also after a reload', async () => {
  const maria = await openAs('Maria Chen');
  await maria.getByText('With mistakes').click();
  const listed = maria.locator('.preview .problems li');
  await listed.first().waitFor();
  expect(await listed.count()).toBe(8);
  expect(await listed.nth(1).textContent()).toMatch(/^Line 7entered_creditexpected an amount .* got "12,500\.00"$/);
  await maria.getByRole('button', { name: 'Submit anyway' }).click();
  await newest(maria).getByText('The file has 8 problems, nothing was sent', { exact: true }).waitFor();
  await maria.reload();
  await newest(maria).getByText('The file has 8 problems, nothing was sent', { exact: true }).waitFor();
  expect(await newest(maria).locator('.problems li').count()).toBe(8);
});

test('a file of one’s own is dropped in, and a transfer is cancelled while the ERP is slow', async () => {
  const maria = await openAs('Maria Chen');
  await maria.getByLabel('The ERP behaves').selectOption('Slow');
  await maria.getByText('Holds for steps that begin from now on.').waitFor();
  const csv = readFileSync(new URL('../data/budget-transfers.csv', import.meta.url), 'utf8');
  const files = await maria.evaluateHandle(`
    const files = new DataTransfer();
    files.items.add(new File([${JSON.stringify(csv)}], 'mine.csv', { type: 'text/csv' }));
    files;`);
  await maria.locator('.drop').dispatchEvent('drop', { dataTransfer: files });
  await maria.getByRole('heading', { name: 'mine.csv' }).waitFor();
  await maria.getByRole('button', { name: 'Submit transfer' }).click();
  await status(maria, 'Step 3 of 5').waitFor();
  await newest(maria).getByRole('button', { name: 'Cancel' }).click();
  await status(maria, 'Cancelled').waitFor();
});

test('an announcement reaches everyone, and signing out ends it for all tabs', async () => {
  const maria = await openAs('Maria Chen');
  const tom = await openAs('Tom Okafor');
  await tom.getByRole('button', { name: 'Send', exact: true }).click();
  await maria.locator('tidings-toasts').getByText('closes Friday').last().waitFor();
  const secondTab = await open(maria.context());
  await secondTab.locator('#connection', { hasText: 'Live' }).waitFor();
  await maria.getByRole('button', { name: 'Sign out' }).click();
  for (const page of [maria, secondTab]) await page.getByText('Who is working today?').waitFor();
});

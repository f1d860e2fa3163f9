import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { stepNames } from './erp/post-journals.ts';
import { DemoInBrowser, isLive, submit } from './testing/demo-in-browser.ts';

// Several browsers at once take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let demo: DemoInBrowser;

beforeAll(async () => {
  browser = await DemoInBrowser.launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  // Slow enough for a step to be seen where a page waits its turn.
  demo = await DemoInBrowser.start(browser, { stepSeconds: 0.3 });
});
afterEach(async () => {
  await demo.close();
  expect(demo.complaints).toEqual([]);
});

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
  const maria = await demo.openAs('Maria Chen');
  const tom = await demo.openAs('Tom Okafor');
  const secondTab = await demo.open(maria.context());
  await isLive(secondTab);
  await maria.bringToFront();

  await submit(maria, 'November transfers');
  expect(await maria.locator('.preview .figures').textContent()).toContain('1,948,778.78');
  await maria.getByText(/^Accepted as T-/).waitFor();
  expect(await maria.getByRole('button', { name: 'Submit transfer' }).isDisabled()).toBe(true);
  const steps = await watchSteps(maria);
  // On a busy machine some are over between two looks.
  expect(steps).toEqual(stepNames.filter((step) => steps.includes(step)));
  expect(steps).toContain('AutoPost');
  await newest(maria).getByText('Posted 240 lines of 66 journals, 1,948,778.78 USD').waitFor();
  await status(secondTab, 'Completed').waitFor();
  expect(await maria.locator('.transfer').count()).toBe(1);

  const link = await newest(maria).getByRole('link', { name: 'Download' }).getAttribute('href');
  expect(await (await maria.request.get(String(link))).text()).toContain('1,948,778.78 USD');
  expect((await tom.request.get(String(link))).status()).toBe(404);
  await maria.getByRole('button', { name: /^Notifications, 1 unread/ }).waitFor();

  expect(await tom.locator('.transfer').count()).toBe(0);
  await tom.getByRole('button', { name: /^Notifications, no unread/ }).waitFor();
});

test('mistakes are listed before submitting, and again by the transfer that failed, also after a reload', async () => {
  const maria = await demo.openAs('Maria Chen');
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
  const maria = await demo.openAs('Maria Chen');
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

test('signing out ends it for all tabs', async () => {
  const maria = await demo.openAs('Maria Chen');
  const secondTab = await demo.open(maria.context());
  await isLive(secondTab);
  await maria.locator('.me').click();
  await maria.getByRole('button', { name: 'Sign out' }).click();
  for (const page of [maria, secondTab]) await page.getByText('Who is working today?').waitFor();
});

test('one browser is several people at once, each in a tab', async () => {
  const maria = await demo.openAs('Maria Chen');
  await maria.locator('.me').click();
  const opened = maria.context().waitForEvent('page');
  await maria.getByRole('link', { name: 'Tom Okafor' }).click();
  const tom = await opened;
  await isLive(tom);
  expect(await tom.locator('#name').textContent()).toBe('Tom Okafor');
  await maria.reload();
  await isLive(maria);
  expect(await maria.locator('#name').textContent()).toBe('Maria Chen');
});

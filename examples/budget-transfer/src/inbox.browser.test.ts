import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DemoInBrowser, goTo, isLive, submit } from './testing/demo-in-browser.ts';

// Several browsers at once take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let demo: DemoInBrowser;

beforeAll(async () => {
  browser = await DemoInBrowser.launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.close();
  expect(demo.complaints).toEqual([]);
});

/** Opens the bell, and finds the one row of something in it. */
async function inBell(page: Page, title: string): Promise<Locator> {
  const bell = page.locator('tidings-bell');
  await bell.getByRole('button', { name: /^Notifications,/ }).click();
  return bell.locator('[part~=item]', { hasText: title });
}

const bellSays = (page: Page, count: string) =>
  page.getByRole('button', { name: new RegExp(`^Notifications, ${count}`) }).waitFor();

test('an approval: asked in the toast, decided once by one of two, told on every screen', async () => {
  demo = await DemoInBrowser.start(browser);
  const [maria, tom] = [await demo.openAs('Maria Chen'), await demo.openAs('Tom Okafor')];
  const priya = await demo.openAs('Priya Raman', { width: 390, height: 844 });
  await maria.bringToFront();
  await submit(maria, 'Year-end reserve');
  const hers = await inBell(maria, 'budget-transfers-year-end.csv');
  await hers.getByText('Waiting for approval').waitFor();

  await goTo(tom, 'Approvals');
  const card = tom.locator('.approval');
  await card.getByText('480,000.00', { exact: true }).waitFor();
  await goTo(priya, 'Approvals');
  await priya.locator('.approval').getByRole('button', { name: 'Approve' }).waitFor();

  await tom.locator('tidings-toasts').getByRole('button', { name: 'Approve' }).click();
  await card.getByText(/^Approved by you/).waitFor();
  await priya
    .locator('.approval')
    .getByText(/^Approved by Tom Okafor/)
    .waitFor();
  expect(await priya.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await hers.getByRole('link', { name: 'Download' }).waitFor();
});

test('a rejection ends the transfer with the reason that was given', async () => {
  demo = await DemoInBrowser.start(browser);
  const [maria, tom] = [await demo.openAs('Maria Chen'), await demo.openAs('Tom Okafor')];
  await submit(maria, 'Year-end reserve');
  await goTo(tom, 'Approvals');
  const card = tom.locator('.approval');
  await card.getByLabel('Reason').fill('Not before the audit.');
  await card.getByRole('button', { name: 'Reject' }).click();
  const reason = 'Rejected by Tom Okafor: Not before the audit.';
  await maria.locator('.transfer').getByText(reason).waitFor();
  const hers = await inBell(maria, 'budget-transfers-year-end.csv');
  await hers.getByText(reason).waitFor();
  expect(await hers.getByRole('button', { name: 'Retry' }).count()).toBe(0);
});

test('one item goes from progress to Download to Expired, in place', async () => {
  demo = await DemoInBrowser.start(browser, { stepSeconds: 0.4, reportSeconds: 4 });
  const maria = await demo.openAs('Maria Chen');
  await submit(maria, 'November transfers');
  const item = await inBell(maria, 'budget-transfers.csv');
  await item.getByText(/Step \d of 5/).waitFor();
  await item.getByRole('button', { name: 'Cancel' }).waitFor();
  const link = await item.getByRole('link', { name: 'Download' }).getAttribute('href');
  await item.getByText(/^Completed · budget-transfers-\d+\.txt · .*bytes$/).waitFor();
  expect((await maria.request.get(String(link))).status()).toBe(200);
  await item.getByText('Expired', { exact: true }).waitFor();
  expect(await item.getByRole('link', { name: 'Download' }).count()).toBe(0);
  expect(await item.count()).toBe(1);
  await maria.locator('.transfer').getByText('The report has expired.').waitFor();
  expect((await maria.request.get(String(link))).status()).toBe(410);
  await bellSays(maria, 'no unread');
});

test('a failure that may pass offers Retry, and the same item goes back to progress', async () => {
  demo = await DemoInBrowser.start(browser, { stepSeconds: 0.4 });
  const maria = await demo.openAs('Maria Chen');
  const erp = maria.getByLabel('The ERP behaves');
  await erp.selectOption('Down for maintenance');
  await maria.getByText('Holds for steps that begin from now on.').waitFor();
  await submit(maria, 'November transfers');
  const item = await inBell(maria, 'budget-transfers.csv');
  const retry = item.getByRole('button', { name: 'Retry' });
  await retry.waitFor();
  await erp.selectOption('Normal');
  await maria.getByText('Holds for steps').waitFor({ state: 'detached' });
  await retry.click();
  await item.getByText(/attempt 2/).waitFor();
  await item.getByRole('link', { name: 'Download' }).waitFor();
  expect(await item.count()).toBe(1);
  await bellSays(maria, '1 unread');
});

test('what one tab does with its inbox, the other shows: badge, snooze, archive and undo', async () => {
  demo = await DemoInBrowser.start(browser);
  const maria = await demo.openAs('Maria Chen');
  const secondTab = await demo.open(maria.context());
  await isLive(secondTab);
  await maria.bringToFront();
  await maria.getByRole('button', { name: 'Correct 25 lines' }).click();
  for (const page of [maria, secondTab]) await bellSays(page, '1 unread');

  await goTo(maria, 'Inbox');
  const inbox = maria.locator('tidings-inbox');
  const item = inbox.locator('[part~=item]', { hasText: '25 lines corrected' });
  await item.hover();
  await item.getByRole('button', { name: 'Archive' }).click();
  for (const page of [maria, secondTab]) await bellSays(page, 'no unread');
  await inbox.getByRole('button', { name: 'Undo' }).click();
  for (const page of [maria, secondTab]) await bellSays(page, '1 unread');

  await item.hover();
  await item.getByRole('button', { name: 'Snooze' }).click();
  await inbox.getByRole('menuitem', { name: /^In an hour/ }).click();
  for (const page of [maria, secondTab]) await bellSays(page, 'no unread');
  await secondTab.bringToFront();
  await goTo(secondTab, 'Inbox');
  await secondTab.locator('tidings-inbox').getByRole('tab', { name: 'Snoozed' }).click();
  await secondTab.locator('tidings-inbox').getByText('25 lines corrected').waitFor();
});

test('what happens while one is offline is there when one is back', async () => {
  demo = await DemoInBrowser.start(browser);
  const [maria, alex] = [await demo.openAs('Maria Chen'), await demo.openAs('Alex Morgan')];
  await maria.locator('#connection').click();
  await maria.locator('#connection', { hasText: 'Offline' }).waitFor();
  await goTo(alex, 'Announce');
  await alex.getByRole('button', { name: 'Send', exact: true }).click();
  await alex.locator('.announcement').waitFor();
  await bellSays(maria, 'no unread');
  await maria.locator('#connection').click();
  await isLive(maria);
  await bellSays(maria, '1 unread');
});

test('an announcement is shown to everyone, changed in place and taken back', async () => {
  demo = await DemoInBrowser.start(browser);
  const [maria, alex] = [await demo.openAs('Maria Chen'), await demo.openAs('Alex Morgan')];
  await maria.bringToFront();
  await goTo(alex, 'Announce');
  await alex.getByRole('button', { name: 'Send', exact: true }).click();
  await maria.locator('tidings-toasts').getByText('closes Friday').last().waitFor();
  await bellSays(maria, '1 unread');

  const made = alex.locator('.announcement');
  await made.getByLabel('Message').fill('The budget period Nov-26 closes Monday.');
  await made.getByRole('button', { name: 'Save' }).click();
  const hers = maria.locator('tidings-bell').locator('[part~=item]');
  await maria.getByRole('button', { name: /^Notifications,/ }).click();
  await hers.getByText('closes Monday').waitFor();
  expect(await hers.count()).toBe(1);

  await made.getByRole('button', { name: 'Retract' }).click();
  await made.getByText('Taken back').waitFor();
  await hers.waitFor({ state: 'detached' });
  await bellSays(maria, 'no unread');
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser, receive } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = () => browser.open('<tidings-file-dialog></tidings-file-dialog>');
const file = (id: string, more: object = {}): FrameDraft => ({
  type: 'user_file',
  id,
  message: 'File ready for download',
  file_url: `/files/${id}.zip`,
  file_name: `${id}.zip`,
  file_size: 2_140_000,
  ...more,
});
const calls = (page: Page) => page.evaluate(() => window.fake.calls);
const dialog = (page: Page) => page.getByRole('dialog', { name: 'File ready' });

it('shows name, readable size and message, and a link that opens a new tab', async () => {
  const { page, complaints } = await open();
  expect(await page.locator('dialog').isVisible()).toBe(false);
  await receive(page, file('report'));
  expect(await dialog(page).isVisible()).toBe(true);
  expect(await dialog(page).locator('[part=name]').textContent()).toBe('report.zip');
  expect(await dialog(page).locator('[part=size]').textContent()).toBe('2.1 MB');
  expect(await dialog(page).locator('.message').textContent()).toBe('File ready for download');
  const link = dialog(page).getByRole('link', { name: 'Download' });
  expect(await link.getAttribute('href')).toBe('http://localhost/files/report.zip');
  expect(await link.getAttribute('target')).toBe('_blank');
  expect(await link.getAttribute('rel')).toBe('noopener');
  expect(complaints).toEqual([]);
});

it('is modal and takes the focus to its heading, so that a key pressed meanwhile starts nothing', async () => {
  const { page } = await open();
  await receive(page, file('report'));
  expect(await page.locator('dialog').evaluate((element) => element.matches(':modal'))).toBe(true);
  const focused = await page.evaluate(
    () => document.querySelector('tidings-file-dialog')?.shadowRoot?.activeElement?.localName,
  );
  expect(focused).toBe('h2');
  await page.keyboard.press('Enter');
  expect(await dialog(page).isVisible()).toBe(true);
});

it('opens the file in a new tab, closes, and marks it as read', async () => {
  const { page } = await open();
  await receive(page, file('report'));
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    dialog(page).getByRole('link', { name: 'Download' }).click(),
  ]);
  await tab.waitForURL('http://localhost/files/report.zip');
  await tab.close();
  expect(await page.locator('dialog').isVisible()).toBe(false);
  await expect.poll(() => calls(page)).toEqual(['mark_read report']);
});

it('shows several files one after the other', async () => {
  const { page } = await open();
  await receive(page, file('a'), file('b'), file('c'));
  expect(await dialog(page).locator('header').textContent()).toContain('1 of 3');
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => dialog(page).locator('[part=name]').textContent()).toBe('b.zip');
  expect(await dialog(page).locator('header').textContent()).toContain('2 of 3');
  await page.keyboard.press('Escape');
  await expect.poll(() => dialog(page).locator('[part=name]').textContent()).toBe('c.zip');
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => calls(page)).toEqual(['mark_read a', 'mark_read b', 'mark_read c']);
  expect(await page.locator('dialog').isVisible()).toBe(false);
});

it.each(['javascript:alert(1)', 'data:text/html,hello', ' java\nscript:alert(1)', 'file:///etc/passwd'])(
  'shows %j as text with a sentence, and no link',
  async (address) => {
    const { page } = await open();
    await receive(page, file('bad', { file_url: address }));
    expect(await dialog(page).locator('a').count()).toBe(0);
    expect(await dialog(page).locator('.refused bdi').textContent()).toBe(address);
    expect(await dialog(page).locator('.refused').textContent()).toContain('This is not a web address');
    expect(await dialog(page).getByRole('button').allTextContents()).toEqual(['Close']);
  },
);

it('shows a name without the characters that would reorder it', async () => {
  const { page } = await open();
  await receive(page, file('x', { file_name: 'invoice_\u202efdp.exe', file_size: null }));
  expect(await dialog(page).locator('[part=name] bdi').textContent()).toBe('invoice_fdp.exe');
  expect(await dialog(page).locator('[part=size]').count()).toBe(0);
});

it('does not open for what is replayed or silent', async () => {
  const { page } = await open();
  await receive(page, file('a', { replayed: true }), file('b', { silent: true }));
  expect(await page.locator('dialog').isVisible()).toBe(false);
});

it('leaves out files that were read in another tab or retracted', async () => {
  const { page } = await open();
  await receive(page, file('a'), file('b'), file('c'));
  await page.evaluate(() => window.fake.inbox.markRead('b'));
  await receive(page, { type: 'retracted', id: 'a' });
  await expect.poll(() => dialog(page).locator('[part=name]').textContent()).toBe('c.zip');
  await receive(page, { type: 'retracted', id: 'c' });
  await expect.poll(() => page.locator('dialog').isVisible()).toBe(false);
  expect(await calls(page)).toEqual(['mark_read b']);
});

it('waits in a tab that is not looked at, and opens when it is', async () => {
  const { page } = await open();
  const see = (state: string) =>
    page.evaluate((visibility) => {
      Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await see('hidden');
  await receive(page, file('a'));
  expect(await page.locator('dialog').isVisible()).toBe(false);
  await see('visible');
  await expect.poll(() => dialog(page).isVisible()).toBe(true);
});

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
  expect(await link.getAttribute('href')).toBe(`${browser.origin}/files/report.zip`);
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
  await tab.waitForURL(`${browser.origin}/files/report.zip`);
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

const field = (markup: string) => browser.open(`<tidings-file-dialog></tidings-file-dialog>${markup}`);
const isOpen = (page: Page) => page.locator('tidings-file-dialog dialog').isVisible();

it.each(['<textarea></textarea>', '<p contenteditable tabindex="0">text</p>', '<button>grid</button>'])(
  'takes the focus from nobody who types in %s, and opens after a pause of three seconds',
  async (markup) => {
    const { page } = await field(markup);
    const input = page.locator('tidings-file-dialog + *');
    await input.focus();
    await page.keyboard.type('a');
    await receive(page, file('report'));
    for (const _ of [1, 2, 3]) {
      await page.clock.runFor(2_000);
      expect(await isOpen(page)).toBe(false);
      await page.keyboard.type('b');
    }
    expect(await input.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.clock.runFor(3_500);
    expect(await isOpen(page)).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => input.evaluate((one) => one === document.activeElement)).toBe(true);
  },
);

it('waits until a character that an input method composes is done', async () => {
  const { page } = await field('<input />');
  await page.locator('input').focus();
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await receive(page, file('report'));
  await page.clock.runFor(60_000);
  expect(await isOpen(page)).toBe(false);
  await devTools.send('Input.insertText', { text: '日' });
  await page.clock.runFor(3_500);
  expect(await isOpen(page)).toBe(true);
  expect(await page.locator('input').inputValue()).toBe('日');
});

it('waits while a list of choices is open', async () => {
  const { page } = await field('<select><option>a</option><option>b</option></select>');
  await page.locator('select').click();
  await receive(page, file('report'));
  await page.clock.runFor(60_000);
  expect(await isOpen(page)).toBe(false);
  await page.keyboard.press('Escape');
  await page.clock.runFor(3_500);
  expect(await isOpen(page)).toBe(true);
});

it('waits while a frame of the page is typed in, whose keys are not heard', async () => {
  const { page } = await field('<iframe srcdoc="<textarea></textarea><button>b</button>"></iframe>');
  const frame = page.frameLocator('iframe');
  await frame.locator('textarea').focus();
  await receive(page, file('report'));
  await page.clock.runFor(60_000);
  expect(await isOpen(page)).toBe(false);
  await frame.locator('button').focus();
  await page.clock.runFor(500);
  expect(await isOpen(page)).toBe(true);
});

it.each([
  ['a modal dialog', '<dialog><button>page</button></dialog>', 'dialog'],
  ['a modal dialog in a component', '<div><template shadowrootmode="open"><dialog>d</dialog></template></div>', 'div'],
  ['a modal that a script makes', '<section aria-modal="true" role="dialog" hidden>page</section>', 'section'],
])('waits until %s of the page is closed', async (_, markup, selector) => {
  const { page } = await browser.open('<tidings-file-dialog></tidings-file-dialog>');
  const toggle = (shown: boolean) =>
    page.evaluate(
      ([html, one, open]) => {
        const holder = document.querySelector('#holder') ?? document.body.appendChild(document.createElement('div'));
        holder.id = 'holder';
        if (!holder.firstChild) holder.setHTMLUnsafe(html);
        const found = holder.querySelector(one);
        const dialog = found?.shadowRoot?.querySelector('dialog') ?? found;
        if (!(dialog instanceof HTMLDialogElement)) dialog?.toggleAttribute('hidden', !open);
        else if (open) dialog.showModal();
        else dialog.close();
      },
      [markup, selector, shown] as const,
    );
  await toggle(true);
  await receive(page, file('report'));
  await page.clock.runFor(10_000);
  expect(await isOpen(page)).toBe(false);
  await toggle(false);
  await page.clock.runFor(500);
  expect(await isOpen(page)).toBe(true);
});

it('keeps nothing of a user who is no longer there', async () => {
  const { page } = await open();
  await receive(page, file('a'), file('b'));
  expect(await dialog(page).isVisible()).toBe(true);
  await page.evaluate(() => window.fake.become({ user: { id: '43', username: 'other', roles: [] } }));
  await expect.poll(() => isOpen(page)).toBe(false);
  expect(await calls(page)).toEqual([]);
  await receive(page, file('c'));
  await expect.poll(() => dialog(page).locator('[part=name]').textContent()).toBe('c.zip');
  expect(await dialog(page).locator('header').textContent()).not.toContain('of');
});

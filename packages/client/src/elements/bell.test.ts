import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = () => browser.open('<tidings-bell></tidings-bell><p>Elsewhere</p>');
const receive = (page: Page, ...drafts: FrameDraft[]) =>
  page.evaluate((all) => {
    for (const draft of all) window.fake.receive(draft);
  }, drafts);
const note = (id: string, more: object = {}): FrameDraft => ({
  type: 'notification',
  id,
  notification_type: 'success',
  title: `Title ${id}`,
  message: `Message ${id}`,
  ...more,
});
const calls = (page: Page) => page.evaluate(() => window.fake.calls);
const bell = (page: Page) => page.locator('tidings-bell .bell');
const panel = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });
const items = (page: Page) => page.locator('tidings-bell .item');
const titles = (page: Page) => items(page).locator('.title').allTextContents();
const focused = (page: Page) =>
  page.evaluate(() => document.querySelector('tidings-bell')?.shadowRoot?.activeElement?.className.trim());

it('shows the number of unread ones, 99+ at most, and says it to screen readers', async () => {
  const { page, complaints } = await open();
  expect(await page.locator('.badge').count()).toBe(0);
  expect(await bell(page).getAttribute('aria-label')).toBe('Notifications, no unread');
  await receive(page, note('a'), note('b'));
  expect(await page.locator('.badge').textContent()).toBe('2');
  const status = page.locator('tidings-bell > [role=status], tidings-bell [aria-live=polite]');
  expect(await status.first().textContent()).toBe('2 unread');
  await page.evaluate(() => window.fake.show({ unreadCount: 128 }));
  expect(await page.locator('.badge').textContent()).toBe('99+');
  expect(await bell(page).getAttribute('aria-label')).toBe('Notifications, 128 unread');
  expect(complaints).toEqual([]);
});

it('opens by keyboard, takes the focus into the list, and gives it back at Escape', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  expect(await bell(page).getAttribute('aria-expanded')).toBe('false');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await panel(page).isVisible()).toBe(true);
  expect(await bell(page).getAttribute('aria-expanded')).toBe('true');
  expect(await focused(page)).toBe('panel');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('item unread');
  await page.keyboard.press('Escape');
  expect(await panel(page).isVisible()).toBe(false);
  expect(await bell(page).getAttribute('aria-expanded')).toBe('false');
  expect(await focused(page)).toBe('bell');
});

it('closes at a press elsewhere and at a second press on the bell', async () => {
  const { page } = await open();
  await bell(page).click();
  await page.mouse.click(600, 600);
  expect(await panel(page).isVisible()).toBe(false);
  await bell(page).click();
  await bell(page).click();
  expect(await panel(page).isVisible()).toBe(false);
});

it('lists the newest first with title, message and how long ago, and keeps the time', async () => {
  const { page } = await open();
  await receive(page, note('a', { timestamp: '2026-03-02T09:20:00Z' }), { type: 'user_message', message: 'Hello' });
  await bell(page).click();
  expect(await titles(page)).toEqual(['Hello', 'Title a']);
  expect(await items(page).nth(1).locator('.message').textContent()).toBe('Message a');
  expect(await items(page).locator('time').allTextContents()).toEqual(['now', '40m ago']);
  await page.clock.runFor(120_000);
  expect(await items(page).locator('time').allTextContents()).toEqual(['2m ago', '42m ago']);
});

it('marks one as read when it is chosen, and keeps the focus on it while others come', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await bell(page).click();
  await items(page).nth(1).click();
  expect(await calls(page)).toEqual(['markRead a']);
  expect(await page.locator('.badge').textContent()).toBe('1');
  await receive(page, note('c'));
  expect(await titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
  const kept = await page.evaluate(
    () => document.querySelector('tidings-bell')?.shadowRoot?.activeElement?.querySelector('.title')?.textContent,
  );
  expect(kept).toBe('Title a');
  await items(page).nth(2).click();
  expect(await calls(page)).toEqual(['markRead a']);
});

it('follows a link, in a new tab where it is a file, and never one that is none', async () => {
  const { page } = await open();
  await receive(
    page,
    note('a', { data: { url: '/transfers/7' } }),
    { type: 'user_file', id: 'f', message: 'm', file_url: '/files/a.zip', file_name: 'a.zip' },
    note('evil', { data: { url: 'javascript:alert(1)' } }),
  );
  await bell(page).click();
  const seen = await items(page).evaluateAll((all) =>
    all.map((one) => [one.localName, one.getAttribute('href'), one.getAttribute('target'), one.getAttribute('rel')]),
  );
  expect(seen).toEqual([
    ['button', null, null, null],
    ['a', 'http://localhost/files/a.zip', '_blank', 'noopener'],
    ['a', 'http://localhost/transfers/7', '_self', 'noopener'],
  ]);
});

it('marks all as read', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await bell(page).click();
  const button = page.getByRole('button', { name: 'Mark all as read' });
  await button.click();
  expect(await page.locator('.badge').count()).toBe(0);
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await button.click({ force: true });
  expect(await calls(page)).toEqual(['markAllRead']);
});

it('loads more while there is more', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  await page.evaluate(() => window.fake.show({ hasMore: true }));
  await bell(page).click();
  await page.getByRole('button', { name: 'Load more' }).click();
  expect(await calls(page)).toEqual(['loadMore']);
  expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0);
  await page.evaluate(() => window.fake.show({ hasMore: true, status: 'loading' }));
  expect(await page.getByRole('button', { name: 'Loading…' }).getAttribute('aria-disabled')).toBe('true');
});

it('says that all is read only once it knows', async () => {
  const { page } = await open();
  await page.evaluate(() => window.fake.show({ status: 'waiting' }));
  await bell(page).click();
  expect(await panel(page).textContent()).not.toContain('all caught up');
  await page.evaluate(() => window.fake.show({ status: 'ready' }));
  expect(await panel(page).textContent()).toContain('You’re all caught up');
});

it.each([
  ['reconnecting', 'Connection lost. Reconnecting…'],
  ['connecting', 'Connecting…'],
  ['closed', 'Not connected'],
] as const)('tells in the panel that it is %s', async (status, line) => {
  const { page } = await open();
  await bell(page).click();
  expect(await page.locator('[part=connection]').count()).toBe(0);
  await page.evaluate((next) => window.fake.become({ status: next }), status);
  expect((await page.locator('[part=connection]').textContent())?.trim()).toBe(line);
});

it('says so where the server refuses, until something succeeds', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  await bell(page).click();
  await page.evaluate(() => {
    window.fake.refusing = true;
  });
  await items(page).first().click();
  expect(await panel(page).textContent()).toContain('That did not work. Try again.');
  await page.evaluate(() => {
    window.fake.refusing = false;
  });
  await items(page).first().click();
  expect(await panel(page).textContent()).not.toContain('That did not work');
});

it('shows the reports of one upload as one line, which is read as one', async () => {
  const { page } = await open();
  const upload = (type: string, id: string, more: object) => ({
    type,
    id,
    transaction_id: 't-1',
    message: 'm',
    ...more,
  });
  await receive(
    page,
    upload('oracle_upload_started', 'a', {}),
    note('between'),
    upload('oracle_upload_progress', 'b', { step: 'AutoPost' }),
    upload('oracle_upload_completed', 'c', { message: 'All posted' }),
  );
  await bell(page).click();
  expect(await titles(page)).toEqual(['All posted', 'Title between']);
  await items(page).first().click();
  expect(await calls(page)).toEqual(['markRead c,b,a']);
});

it('shows events of the application’s own, and text as text', async () => {
  const { page, complaints } = await open();
  await receive(
    page,
    { type: 'invoice_paid' },
    { type: 'stock.low', title: '<b onclick=alert(1)>Bolts</b>', message: 42 },
  );
  await bell(page).click();
  expect(await titles(page)).toEqual(['<b onclick=alert(1)>Bolts</b>', 'Invoice paid']);
  expect(await items(page).locator('bdi').count()).toBe(2);
  expect(complaints).toEqual([]);
});

it('stays inside a window as narrow as a phone, in both directions', async () => {
  for (const direction of ['ltr', 'rtl']) {
    const { page } = await open();
    await page.setViewportSize({ width: 360, height: 640 });
    await page.evaluate((dir) => document.documentElement.setAttribute('dir', dir), direction);
    await receive(page, ...Array.from({ length: 30 }, (_, index) => note(`${index}`)));
    await bell(page).click();
    await panel(page).evaluate((one) => Promise.all(one.getAnimations().map((animation) => animation.finished)));
    const box = await panel(page).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(640);
  }
});

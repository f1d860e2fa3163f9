import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser, receive } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = () => browser.open('<tidings-bell></tidings-bell><p>Elsewhere</p>');
const note = (id: string): FrameDraft => ({ type: 'notification', id, title: `Title ${id}`, message: '' });
const bell = (page: Page) => page.locator('tidings-bell .bell');
const panel = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });
const focused = (page: Page) =>
  page.evaluate(() => document.querySelector('tidings-bell')?.shadowRoot?.activeElement?.className.trim());

it('shows the number of unread ones, 99+ at most, and tells screen readers at most every two seconds', async () => {
  const { page, complaints } = await open();
  expect(await page.locator('.badge').count()).toBe(0);
  expect(await bell(page).getAttribute('aria-label')).toBe('Notifications, no unread');
  await receive(page, note('a'), note('b'));
  expect(await page.locator('.badge').textContent()).toBe('2');
  const status = page.locator('tidings-bell [role=status]').first();
  expect(await status.textContent()).toBe('');
  await page.clock.runFor(2_000);
  expect(await status.textContent()).toBe('2 unread');
  for (const id of ['c', 'd', 'e']) await receive(page, note(id));
  expect(await status.textContent()).toBe('2 unread');
  await page.clock.runFor(2_000);
  expect(await status.textContent()).toBe('5 unread');
  await receive(page, { type: 'unread_count', unread_count: 128, categories: {}, as_of: 5 });
  expect(await page.locator('.badge').textContent()).toBe('99+');
  expect(await bell(page).getAttribute('aria-label')).toBe('Notifications, 128 unread');
  expect(complaints).toEqual([]);
});

it('opens by keyboard, takes the focus into the panel, and gives it back at Escape', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  expect(await bell(page).getAttribute('aria-expanded')).toBe('false');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await panel(page).isVisible()).toBe(true);
  expect(await bell(page).getAttribute('aria-expanded')).toBe('true');
  expect(await focused(page)).toBe('panel');
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

it('asks for nothing and marks nothing as seen before it is opened, and then what it shows', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  const calls = () => page.evaluate(() => window.fake.calls);
  expect(await calls()).toEqual([]);
  await bell(page).click();
  await expect.poll(calls).toEqual(['list']);
  await page.clock.runFor(1_000);
  expect(await calls()).toEqual(['list', 'mark_seen b,a']);
  await receive(page, note('c'));
  await page.clock.runFor(1_000);
  expect(await calls()).toEqual(['list', 'mark_seen b,a', 'mark_seen c']);
  expect(await page.locator('.badge').textContent()).toBe('3');
});

it('takes its listeners off when it is removed, and hears again when it is put back', async () => {
  const { page } = await open();
  await bell(page).click();
  await page.getByRole('tab', { name: 'Unread' }).click();
  const before = await page.evaluate(() => window.fake.listening);
  const [removed, back] = await page.evaluate(async () => {
    const element = document.querySelector('tidings-bell') as HTMLElementTagNameMap['tidings-bell'];
    element.remove();
    await null;
    const gone = window.fake.listening;
    document.body.append(element);
    await element.updateComplete;
    return [gone, window.fake.listening];
  });
  expect([removed, back]).toEqual([0, before]);
});

it('is closed when it is taken out of the page, and opens again where it is put', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  await bell(page).click();
  await page.evaluate(() => {
    const element = document.querySelector('tidings-bell') as Element;
    element.remove();
    document.body.append(element);
  });
  expect(await bell(page).getAttribute('aria-expanded')).toBe('false');
  expect(await page.locator('tidings-bell[open]').count()).toBe(0);
  await bell(page).click();
  expect(await bell(page).getAttribute('aria-expanded')).toBe('true');
  await expect.poll(() => page.locator('.item .title').allTextContents()).toEqual(['Title a']);
});

it('has its looks in another document too, those of what was loaded for it as well', async () => {
  const { page, complaints } = await open();
  await receive(page, note('a'));
  await bell(page).click();
  await page.keyboard.press('Escape');
  const frame = page.frameLocator('iframe');
  await page.evaluate(async () => {
    const element = document.querySelector('tidings-bell') as HTMLElementTagNameMap['tidings-bell'];
    const { contentDocument } = document.body.appendChild(document.createElement('iframe'));
    contentDocument?.body.append(element);
    await element.updateComplete;
  });
  expect(await frame.locator('.badge').evaluate((one) => getComputedStyle(one).fontSize)).toBe('11px');
  await frame.locator('.bell').click();
  expect(await frame.locator('.dot').evaluate((one) => getComputedStyle(one).inlineSize)).toBe('7px');
  expect(complaints).toEqual([]);
});

it('is coloured apart from its panel', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    const { style } = document.querySelector('tidings-bell') as HTMLElement;
    style.setProperty('--tidings-bell', 'rgb(1, 2, 3)');
    style.setProperty('--tidings-bell-surface', 'rgb(4, 5, 6)');
    style.setProperty('--tidings-on-badge', 'rgb(7, 8, 9)');
  });
  await receive(page, note('a'));
  await bell(page).click();
  const colourOf = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => getComputedStyle(one).color);
  expect(await colourOf('.bell')).toBe('rgb(1, 2, 3)');
  expect(await colourOf('.badge')).toBe('rgb(7, 8, 9)');
  expect(await page.locator('.badge').evaluate((one) => getComputedStyle(one).boxShadow)).toContain('rgb(4, 5, 6)');
  expect(await colourOf('.panel h2')).toBe('rgb(23, 24, 28)');
});

it('shows the page’s own client where a framework left text in the place of one', async () => {
  const { page } = await open();
  const isClosed = await page.evaluate(async () => {
    const element = document.createElement('tidings-bell');
    Object.assign(element, { client: '[object Object]' });
    element.setAttribute('client', '[object Object]');
    document.body.append(element);
    await element.updateComplete;
    return element.renderRoot.querySelector('.bell')?.getAttribute('aria-expanded');
  });
  expect(isClosed).toBe('false');
});

it('shows as many dots as the badge says, after all were read, taken back, loaded anew, and one was read', async () => {
  const { page } = await open();
  await receive(page, ...['a', 'b', 'c', 'd', 'e'].map(note));
  await page.evaluate(async () => {
    const { inbox, records, server } = window.fake;
    await inbox.markAllRead();
    await inbox.markUnread(['a', 'b', 'c', 'd', 'e']);
    records.begin(null);
    for (const frame of server.welcome()) window.fake.apply(frame);
    inbox.release();
  });
  await bell(page).click();
  const dots = page.locator('.unread .dot');
  await expect.poll(() => dots.count()).toBe(5);
  await page.locator('.item .main').first().click();
  await expect.poll(() => page.locator('.badge').textContent()).toBe('4');
  await expect.poll(() => dots.count()).toBe(4);
});

it('draws once a frame while a thousand arrive, only what can be seen, and marks them as seen by one request', async () => {
  const { page } = await open();
  await bell(page).click();
  await page.locator('[part=empty]').waitFor();
  const { renders, frames, rows } = await page.evaluate(async () => {
    const element = document.querySelector('tidings-bell') as HTMLElementTagNameMap['tidings-bell'];
    const seen = { renders: 0, frames: 0, rows: 0 };
    element.addController({ hostUpdated: () => (seen.renders += 1) });
    const draw = () => {
      seen.frames += 1;
      seen.rows = Math.max(seen.rows, element.renderRoot.querySelectorAll('.item').length);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    // Each in a task of its own, as a socket brings them.
    const { port1, port2 } = new MessageChannel();
    await new Promise<void>((done) => {
      port1.onmessage = ({ data }) => {
        window.fake.receive({ type: 'notification', id: `n${data}`, title: `Title ${data}`, message: 'm' });
        if (data < 999) port2.postMessage(data + 1);
        else done();
      };
      port2.postMessage(0);
    });
    for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
    return seen;
  });
  expect(renders).toBeLessThanOrEqual(frames + 1);
  expect(rows).toBeLessThanOrEqual(25);
  expect(await page.locator('.item .title').first().textContent()).toBe('Title 999');
  await page.clock.runFor(1_000);
  const calls = await page.evaluate(() => window.fake.calls.map((call) => call.split(' ')[0]));
  expect(calls.filter((call) => call === 'mark_seen')).toHaveLength(1);
  expect(calls.filter((call) => call === 'list').length).toBeLessThanOrEqual(3);
});

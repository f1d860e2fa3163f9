import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser, receive } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = (body = '<tidings-toasts></tidings-toasts>') => browser.open(body);
const toasts = (page: Page) => page.locator('tidings-toasts .shown .toast');
const calls = (page: Page) => page.evaluate(() => window.fake.calls);
const titled = (title: string, more: object = {}): FrameDraft => ({
  type: 'notification',
  notification_type: 'info',
  title,
  message: '',
  ...more,
});
const colourOf = (page: Page, draft: FrameDraft) =>
  receive(page, draft).then(() => toasts(page).first().getAttribute('class'));

it('shows each kind in its colour, under a policy that allows no inline style', async () => {
  const { page, complaints } = await open();
  for (const tone of ['success', 'error', 'warning', 'info']) {
    const draft = { type: 'user_notification', notification_type: tone, title: tone, message: 'm' };
    expect(await colourOf(page, draft)).toBe(`toast tint ${tone}`);
  }
  const colours = await toasts(page).evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
  expect(new Set(colours).size).toBe(4);
  expect(complaints).toEqual([]);
});

it('shows messages in blue, a finished upload in green and a failed one in red', async () => {
  const { page } = await open('<tidings-toasts max="9"></tidings-toasts>');
  expect(await colourOf(page, { type: 'user_message', message: 'a' })).toContain('info');
  expect(await colourOf(page, { type: 'generic_message', message: 'b' })).toContain('info');
  const done = { type: 'oracle_upload_completed', message: 'Done', result_path: '/out.zip' };
  expect(await colourOf(page, done)).toContain('success');
  const link = page.getByRole('link', { name: 'Download' });
  expect(await link.getAttribute('href')).toBe('http://localhost/out.zip');
  expect(await link.getAttribute('target')).toBe('_blank');
  expect(await link.getAttribute('rel')).toBe('noopener');
  expect(await colourOf(page, { type: 'oracle_upload_failed', message: 'Upload failed', error: 'No disk' })).toContain(
    'error',
  );
  expect(await toasts(page).first().locator('.title').textContent()).toBe('Upload failed');
  expect(await toasts(page).first().locator('.message').textContent()).toBe('No disk');
});

it('goes away when a bell shows its list, and none comes while it does', async () => {
  const { page } = await open('<tidings-bell></tidings-bell><tidings-toasts></tidings-toasts>');
  await receive(page, titled('before'), titled('also before', { notification_type: 'error' }));
  await expect.poll(() => toasts(page).count()).toBe(2);
  const bell = page.locator('tidings-bell .bell');
  await bell.click();
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
  await receive(page, titled('meanwhile'));
  await expect.poll(() => page.locator('tidings-bell .item').count()).toBe(3);
  expect(await toasts(page).count()).toBe(0);
  await page.keyboard.press('Escape');
  await receive(page, titled('after'));
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['after']);
});

it('shows nothing of what is replayed, a snapshot, silent, or of another kind', async () => {
  const { page } = await open();
  await receive(
    page,
    titled('a', { replayed: true }),
    titled('b', { snapshot: true }),
    titled('c', { silent: true }),
    { type: 'task_error', message: 'd' },
    { type: 'oracle_upload_progress', message: 'e' },
    { type: 'user_file', message: 'f' },
    { type: 'invoice_paid', message: 'g' },
  );
  expect(await toasts(page).count()).toBe(0);
  await receive(page, titled('h'));
  expect(await toasts(page).count()).toBe(1);
});

it('toasts no change of what was sent, and again what asks again', async () => {
  const { page } = await open();
  await receive(page, titled('first', { id: 'x', replayed: true }));
  await page.evaluate(() => window.fake.server.edit('x', { title: 'corrected' }));
  expect(await toasts(page).count()).toBe(0);
  await receive(page, titled('renewed', { id: 'x' }));
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.evaluate(() => window.fake.server.edit('x', { title: 'corrected again' }));
  expect(await toasts(page).count()).toBe(0);
});

it('toasts a snooze that has ended', async () => {
  const { page } = await open();
  await receive(page, titled('later', { id: 'x' }));
  await page.evaluate(() => window.fake.inbox.snooze('x', new Date('2026-03-02T11:00:00Z')));
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
  await page.evaluate(() => window.fake.server.wake(Date.parse('2026-03-02T11:00:00Z')));
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['later']);
});

const buttons = [
  { id: 'approve', label: 'Approve', style: 'primary' },
  { id: 'reject', label: 'Reject', style: 'danger' },
];
const inToast = (page: Page) => page.locator('tidings-toasts').getByRole('button');

it('has the buttons of an approval, longer than other toasts, and tells what was answered', async () => {
  const { page, complaints } = await open();
  await receive(page, { type: 'approval_wanted', id: 'x', title: 'Transfer 7', actions: buttons });
  await page.clock.runFor(7_000);
  await page.evaluate(() => window.fake.hold());
  await inToast(page).filter({ hasText: 'Approve' }).dblclick();
  expect(await inToast(page).filter({ hasText: 'Reject' }).getAttribute('aria-disabled')).toBe('true');
  await page.evaluate(() => window.fake.release());
  await expect.poll(() => page.locator('[part=answer]').textContent()).toContain('Approved by you, now');
  expect(await calls(page)).toEqual(['answer x action_id=approve']);
  expect(await inToast(page).filter({ hasText: 'Reject' }).count()).toBe(0);
  await page.mouse.move(5, 600);
  await page.clock.runFor(5_000);
  expect(await toasts(page).count()).toBe(1);
  await page.clock.runFor(2_000);
  expect(await toasts(page).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('says in the toast when an answer is refused, and gives the buttons back', async () => {
  const { page } = await open();
  await receive(page, { type: 'approval_wanted', id: 'x', title: 'Transfer 7', actions: buttons });
  await page.evaluate(() => {
    window.fake.refusing = true;
  });
  await inToast(page).filter({ hasText: 'Reject' }).click();
  await expect.poll(() => toasts(page).textContent()).toContain('That did not work');
  expect(await inToast(page).filter({ hasText: 'Reject' }).getAttribute('aria-disabled')).toBe('false');
});

const task = {
  ...{ task_id: 't-1', status: 'processing', message: 'Loading', progress: 40, step: 'Import', step_number: 2 },
  ...{ total_steps: 5, attempt: 1, cancel_requested: false, can_retry: false, eta: '2026-03-02T10:02:01Z' },
};

it('stays with what goes on in it, from progress and Cancel to Retry and Download', async () => {
  const { page, complaints } = await open();
  await receive(page, titled('Upload', { id: 'x', task }));
  await page.clock.runFor(60_000);
  const bar = page.getByRole('progressbar');
  expect(await bar.getAttribute('aria-valuenow')).toBe('40');
  expect(await toasts(page).textContent()).toMatch(/Step 2 of 5 · Import\s+40%\s+about 1 min left/);
  await inToast(page).filter({ hasText: 'Cancel' }).click();
  expect(await inToast(page).filter({ hasText: 'Cancelling…' }).getAttribute('aria-disabled')).toBe('true');
  const edit = (change: object) =>
    page.evaluate((more) => window.fake.server.edit('x', { task: more }), { ...task, ...change });
  await edit({ status: 'failed', error: 'No disk', can_retry: true });
  expect(await toasts(page).getAttribute('class')).toContain('error');
  await inToast(page).filter({ hasText: 'Retry' }).click();
  expect(await calls(page)).toEqual(['cancel_task t-1', 'retry_task t-1']);
  await edit({ status: 'completed', result: { file_url: '/out.zip', file_name: 'out.zip', file_size: 2_000 } });
  expect(await page.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe('http://localhost/out.zip');
  expect(await toasts(page).textContent()).toContain('out.zip · 2 kB');
  await page.mouse.move(5, 600);
  await page.clock.runFor(7_000);
  expect(await toasts(page).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('goes by itself after six seconds, an error after fifteen', async () => {
  const { page } = await open();
  await receive(page, titled('calm'), titled('bad', { notification_type: 'error' }));
  await page.clock.runFor(5_500);
  expect(await toasts(page).count()).toBe(2);
  await page.clock.runFor(1_000);
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['bad']);
  await page.clock.runFor(9_500);
  expect(await page.locator('tidings-toasts li').count()).toBe(0);
  expect(await page.locator('.region').evaluate((region) => region.matches(':popover-open'))).toBe(false);
});

it('goes by itself where it was touched, which is no hovering that ends', async () => {
  const touched = await browser.newContext({ hasTouch: true });
  const { page } = await browser.openIn(touched, '<tidings-toasts></tidings-toasts>');
  await receive(page, titled('a'));
  await toasts(page).locator('.title').tap();
  await page.clock.runFor(8_000);
  await expect.poll(() => toasts(page).count()).toBe(0);
  await touched.close();
});

it('stays while it is hovered or focused', async () => {
  const { page } = await open();
  await receive(page, titled('read me'));
  await toasts(page).hover();
  await page.clock.runFor(60_000);
  expect(await toasts(page).count()).toBe(1);
  await page.mouse.move(5, 500);
  await page.getByRole('button', { name: 'Dismiss' }).focus();
  await page.clock.runFor(60_000);
  expect(await toasts(page).count()).toBe(1);
  await page.getByRole('button', { name: 'Dismiss' }).blur();
  await page.clock.runFor(8_000);
  expect(await toasts(page).count()).toBe(0);
});

it('is dismissed by its button and by Escape, and the focus goes to a neighbour', async () => {
  const { page } = await open();
  await receive(page, titled('a'), titled('b'), titled('c'));
  await page.getByRole('button', { name: 'Dismiss' }).first().click();
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['b', 'a']);
  await page.locator('.shown .close').first().focus();
  await page.keyboard.press('Escape');
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['a']);
  const focused = await page.evaluate(() => {
    const root = document.querySelector('tidings-toasts')?.shadowRoot;
    return root?.activeElement?.closest('.toast')?.querySelector('.title')?.textContent;
  });
  expect(focused).toBe('a');
});

it('updates a newer version in place, and takes away what was read elsewhere or retracted', async () => {
  const { page } = await open();
  await receive(page, titled('first', { id: 'x' }), titled('other', { id: 'y' }), titled('third', { id: 'z' }));
  await receive(page, titled('second', { id: 'x', notification_type: 'success' }));
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['third', 'other', 'second']);
  await page.evaluate(() => window.fake.inbox.markRead('y'));
  await receive(page, { type: 'retracted', id: 'z' });
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['second']);
});

it('tells screen readers: politely, and errors at once', async () => {
  const { page } = await open();
  const status = page.locator('tidings-toasts [role=status]');
  const alert = page.locator('tidings-toasts [role=alert]');
  expect([await status.count(), await alert.count()]).toEqual([1, 1]);
  await receive(page, titled('Saved', { notification_type: 'success', message: 'All of it' }));
  expect((await status.textContent())?.trim()).toBe('Success: Saved. All of it');
  expect(await alert.textContent()).toBe('');
  await receive(page, titled('Broken', { notification_type: 'error' }));
  expect(await alert.textContent()).toBe('Error: Broken');
});

it('collapses a storm into a number', async () => {
  const { page } = await open();
  await receive(page, ...Array.from({ length: 316 }, (_, index) => titled(`n${index}`)));
  expect(await toasts(page).count()).toBe(4);
  expect(await page.locator('.more').textContent()).toContain('312 more in your notifications');
  await page.getByRole('button', { name: 'Dismiss all' }).click();
  await page.clock.runFor(500);
  expect(await page.locator('tidings-toasts li, tidings-toasts .more').count()).toBe(0);
});

it('shows text as text, each isolated from what reads in the other direction', async () => {
  const { page, complaints } = await open();
  await receive(
    page,
    titled('<img src=x onerror=alert(1)>', { message: '\u202eevil', data: { url: 'javascript:alert(1)' } }),
  );
  expect(await toasts(page).locator('.title bdi').textContent()).toBe('<img src=x onerror=alert(1)>');
  expect(await toasts(page).locator('img, a').count()).toBe(0);
  expect(await toasts(page).locator('.message bdi').count()).toBe(1);
  expect(complaints).toEqual([]);
});

it('toasts in one tab only: the one that was focused last, and another once that is closed', async () => {
  const context = await browser.newContext();
  const body = '<tidings-toasts></tidings-toasts>';
  const { page: first } = await browser.openIn(context, body);
  const { page: second } = await browser.openIn(context, body);
  const both = async (title: string) => {
    await receive(first, titled(title));
    await receive(second, titled(title));
    return [await toasts(first).count(), await toasts(second).count()];
  };
  const holder = () =>
    first.evaluate(async () => {
      const { held, pending } = await navigator.locks.query();
      return pending?.length === 1 ? held?.[0]?.clientId : undefined;
    });
  await expect.poll(holder).toBeDefined();
  const opened = await holder();
  expect(await both('a')).toEqual([0, 1]);
  await first.evaluate(() => dispatchEvent(new Event('focus')));
  await expect.poll(async () => ![undefined, opened].includes(await holder())).toBe(true);
  expect(await both('b')).toEqual([1, 1]);
  await first.close();
  await expect.poll(() => receive(second, titled('c')).then(() => toasts(second).count())).toBeGreaterThan(1);
});

it('takes its listeners off when it is removed, and hears again when it is put back', async () => {
  const { page } = await open();
  const before = await page.evaluate(() => window.fake.listening);
  const [removed, back] = await page.evaluate(async () => {
    const element = document.querySelector('tidings-toasts') as HTMLElementTagNameMap['tidings-toasts'];
    element.remove();
    await null;
    const gone = window.fake.listening;
    document.body.append(element);
    await element.updateComplete;
    return [gone, window.fake.listening];
  });
  expect([removed, back]).toEqual([0, before]);
});

it('speaks the words of the application', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    window.TidingsElement.strings = { dismiss: 'Schließen' };
  });
  await receive(page, titled('a'));
  expect(await page.getByRole('button', { name: 'Schließen' }).count()).toBe(1);
});

it('keeps nothing of a user who is no longer there, and shows what comes for the next', async () => {
  const { page } = await open();
  await receive(page, titled('of the former'));
  await page.evaluate(() => window.fake.become({ status: 'closed' }));
  expect(await toasts(page).count()).toBe(1);
  await page.evaluate(() => window.fake.become({ status: 'connected', user: { id: '43', username: 'b', roles: [] } }));
  await expect.poll(() => page.locator('tidings-toasts li').count()).toBe(0);
  await receive(page, titled('of the next'));
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['of the next']);
});

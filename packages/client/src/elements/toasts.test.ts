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
  expect(await link.getAttribute('href')).toBe(`${browser.origin}/out.zip`);
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
    page.evaluate(
      (more) => {
        window.fake.server.edit('x', { task: more });
        return new Promise((drawn) => requestAnimationFrame(drawn));
      },
      { ...task, ...change },
    );
  await edit({ status: 'failed', error: 'No disk', can_retry: true });
  expect(await toasts(page).getAttribute('class')).toContain('error');
  await inToast(page).filter({ hasText: 'Retry' }).click();
  expect(await calls(page)).toEqual(['cancel_task t-1', 'retry_task t-1']);
  await edit({ status: 'completed', result: { file_url: '/out.zip', file_name: 'out.zip', file_size: 2_000 } });
  expect(await page.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe(`${browser.origin}/out.zip`);
  expect(await toasts(page).locator('[part~=ended]').textContent()).toBe('Completed · out.zip · 2 kB');
  await page.mouse.move(5, 600);
  await page.clock.runFor(7_000);
  expect(await toasts(page).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it.each([
  ['completed', 'Loading', ['Completed']],
  ['cancelled', 'Loading', ['Cancelled']],
  ['failed', 'Loading', ['Failed']],
  ['cancelled', 'Cancelled', []],
])('says once that its task is %s, beside the message %s', async (status, message, ending) => {
  const { page } = await open();
  await receive(page, titled('Upload', { id: 'x', task: { ...task, status, message } }));
  await expect.poll(() => toasts(page).locator('.message').textContent()).toBe(message);
  await expect.poll(() => toasts(page).locator('[part~=ended]').allTextContents()).toEqual(ending);
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
  expect(await toasts(page).locator('.title[dir=auto]').textContent()).toBe('<img src=x onerror=alert(1)>');
  expect(await toasts(page).locator('img, a').count()).toBe(0);
  expect(await toasts(page).locator('.message[dir=auto]').count()).toBe(1);
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

const settle = (page: Page) => page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
const titles = (page: Page) => toasts(page).locator('.title').allTextContents();
const many = (count: number) => Array.from({ length: count }, (_, index) => titled(`n${index}`));
/** The toasts whose box, or that of the count, is not wholly on the screen sideways, or begins below it. */
const offScreen = (page: Page) =>
  page.locator('tidings-toasts').evaluate((element) => {
    const boxes = [...(element.shadowRoot?.querySelectorAll('.region, .toast, .more') ?? [])];
    const out = boxes.filter((one) => {
      const { left, right, top } = one.getBoundingClientRect();
      return left < -16 || right > innerWidth + 16 || (one.matches('.region') && top < 0);
    });
    const region = element.shadowRoot?.querySelector('.region') as HTMLElement;
    const { bottom } = region.getBoundingClientRect();
    return [...out.map((one) => one.className), ...(bottom > innerHeight + 0.5 ? ['below'] : [])];
  });

it.each([
  ['a phone', 320, 568],
  ['a phone on its side', 640, 300],
  ['a window at 200 %', 640, 360],
  ['a window at 400 %', 320, 180],
])('stays on the screen of %s, in both directions, with long texts', async (_, width, height) => {
  const { page } = await open();
  await page.setViewportSize({ width, height });
  const word = 'Donaudampfschifffahrtsgesellschaft'.repeat(9);
  const text = 'A sentence that goes on and on. '.repeat(40);
  for (const dir of ['ltr', 'rtl']) {
    await page.evaluate((to) => document.documentElement.setAttribute('dir', to), dir);
    await receive(
      page,
      titled(word, { message: text, data: { url: '/a' } }),
      titled('مرحبا', { message: word }),
      ...many(9),
    );
    expect(await offScreen(page)).toEqual([]);
    const region = page.locator('.region');
    await page.mouse.move(width / 2, 30);
    await page.mouse.wheel(0, 10_000);
    await expect
      .poll(() => region.evaluate((one) => one.scrollTop + one.clientHeight - one.scrollHeight))
      .toBeGreaterThan(-1);
    expect(await page.locator('.more').evaluate((one) => one.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  }
});

it('shows the newest on top when it is full, and unfolds the others where no list is', async () => {
  const { page } = await open();
  await receive(page, ...many(60));
  expect(await titles(page)).toEqual(['n59', 'n58', 'n57', 'n56']);
  const more = page.getByRole('button', { name: '56 more in your notifications' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => toasts(page).count()).toBe(54);
  const focused = () =>
    page.evaluate(() => {
      const root = document.querySelector('tidings-toasts')?.shadowRoot;
      return root?.activeElement?.closest('.toast')?.querySelector('.title')?.textContent;
    });
  await expect.poll(focused).toBe('n55');
  expect(await offScreen(page)).toEqual([]);
  await page.clock.runFor(60_000);
  expect(await toasts(page).count()).toBe(54);
});

it('opens the list of a bell, also of one within another element, when the count is pressed', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    const root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });
    root.append(Object.assign(document.createElement('tidings-bell'), { client: window.fake }));
  });
  await receive(page, ...many(9));
  await page.getByRole('button', { name: '5 more in your notifications' }).click();
  await page.getByRole('dialog', { name: 'Notifications' }).waitFor();
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
});

it('lets an application show what found no room', async () => {
  const { page } = await open();
  await page.evaluate(() => addEventListener('tidings-more', (event) => event.preventDefault()));
  await receive(page, ...many(5));
  await page.getByRole('button', { name: '1 more in your notifications' }).click();
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
});

it('shows none while an inbox is in view, and again once it is not', async () => {
  const { page } = await open('<tidings-toasts></tidings-toasts><tidings-inbox></tidings-inbox><p></p>');
  await receive(page, titled('seen in the list'));
  expect(await toasts(page).count()).toBe(0);
  await page.evaluate(() =>
    Object.assign((document.querySelector('p') as HTMLElement).style, { display: 'block', height: '5000px' }),
  );
  await page.evaluate(() => scrollTo(0, 4_000));
  await receive(page, titled('out of sight'));
  expect(await titles(page)).toEqual(['out of sight']);
  await page.evaluate(() => scrollTo(0, 0));
  await page.clock.runFor(750);
  expect(await toasts(page).count()).toBe(0);
});

it('moves nothing under the pointer: what comes waits until it has left', async () => {
  const { page } = await open();
  await receive(page, titled('first'));
  await toasts(page).hover();
  await receive(page, titled('second'));
  expect(await titles(page)).toEqual(['first']);
  await page.getByRole('button', { name: '1 more in your notifications' }).waitFor();
  await page.mouse.move(5, 600);
  await page.clock.runFor(250);
  await settle(page);
  expect(await titles(page)).toEqual(['second', 'first']);
});

it('is swiped away by a finger, and goes back to its place where it was moved a little', async () => {
  const touched = await browser.newContext({ hasTouch: true });
  const { page } = await browser.openIn(touched, '<tidings-toasts></tidings-toasts>');
  await receive(page, titled('stays'), titled('goes'));
  const devTools = await page.context().newCDPSession(page);
  const swipe = async (title: string, by: number) => {
    const box = await toasts(page).filter({ hasText: title }).boundingBox();
    const [x, y] = [(box?.x ?? 0) + 100, (box?.y ?? 0) + 20];
    await devTools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    for (const part of [0.2, 0.6, 1])
      await devTools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x + by * part, y }] });
    await devTools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await swipe('stays', 60);
  await swipe('goes', 200);
  await expect.poll(() => titles(page)).toEqual(['stays']);
  expect(await toasts(page).evaluate((one: HTMLElement) => one.style.translate)).toBe('');
  await touched.close();
});

const modal = '<dialog><input /><dialog id="inner"><p>inner</p></dialog></dialog>';
const inside = (page: Page, selector: string) => page.locator(`${selector} > tidings-toasts .shown .toast`);

it('works over a modal dialog of the page, and over one that opens on top of that, and comes back', async () => {
  const { page, complaints } = await open(`<tidings-toasts id="mine" class="theirs"></tidings-toasts>${modal}`);
  await receive(page, titled('before'));
  await page.evaluate(() => document.querySelector('dialog')?.showModal());
  await page.clock.runFor(250);
  await expect.poll(() => inside(page, 'body > dialog').count()).toBe(1);
  expect(await page.locator('dialog > tidings-toasts').getAttribute('class')).toBe('theirs');
  await receive(page, titled('over it', { data: { url: '/a' } }));
  const dismiss = inside(page, 'body > dialog').first().getByRole('button', { name: 'Dismiss' });
  await dismiss.click();
  await page.clock.runFor(500);
  expect(await inside(page, 'body > dialog').locator('.title').allTextContents()).toEqual(['before']);
  await page.evaluate(() => document.querySelector<HTMLDialogElement>('#inner')?.showModal());
  await page.clock.runFor(250);
  await expect.poll(() => inside(page, '#inner').count()).toBe(1);
  await inside(page, '#inner').getByRole('button', { name: 'Dismiss' }).focus();
  await page.keyboard.press('Escape');
  expect(await page.locator('#inner').evaluate((one: HTMLDialogElement) => one.open)).toBe(true);
  await receive(page, titled('last'));
  await page.evaluate(() => {
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  });
  await page.clock.runFor(250);
  await expect.poll(() => inside(page, 'body').locator('.title').allTextContents()).toEqual(['last']);
  expect(await page.locator('tidings-toasts').count()).toBe(1);
  expect(complaints).toEqual([]);
});

it('has buttons over a modal as well', async () => {
  const { page } = await open(`<tidings-toasts></tidings-toasts>${modal}`);
  await page.evaluate(() => document.querySelector('dialog')?.showModal());
  await receive(page, { type: 'approval_wanted', id: 'x', title: 'Transfer 7', actions: buttons });
  const approve = inside(page, 'dialog').getByRole('button', { name: 'Approve' });
  await expect.poll(() => approve.evaluate((one) => getComputedStyle(one).position)).toBe('relative');
  await approve.click();
  await expect.poll(() => calls(page)).toEqual(['answer x action_id=approve']);
});

it('is read aloud within a modal, by a region that is there before its text', async () => {
  const { page } = await open(`<tidings-toasts></tidings-toasts>${modal}`);
  await page.evaluate(() => {
    document.querySelector('dialog')?.showModal();
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver(() => {
      const spoken = document.querySelector('dialog > tidings-toasts')?.shadowRoot?.querySelector('[role=status]');
      const watch = new MutationObserver(() => heard.push(spoken?.textContent?.trim() ?? ''));
      if (spoken) watch.observe(spoken, { childList: true, characterData: true, subtree: true });
    }).observe(document.querySelector('dialog') as Element, { childList: true });
  });
  await receive(page, titled('spoken'));
  await expect.poll(() => page.locator('dialog > tidings-toasts [role=status]').textContent()).toContain('spoken');
});

it('works in a modal that a script makes, and where the rest of the page is inert', async () => {
  const { page } = await open(
    '<main><tidings-toasts></tidings-toasts></main><section role="dialog" aria-modal="true">m</section>',
  );
  await page.evaluate(() => {
    const element = document.querySelector('tidings-toasts') as HTMLElementTagNameMap['tidings-toasts'];
    element.client = window.fake;
    document.querySelector('main')?.toggleAttribute('inert', true);
  });
  await settle(page);
  await receive(page, titled('a'));
  await expect.poll(() => inside(page, 'section').count()).toBe(1);
  await page.evaluate(() => document.querySelector('section')?.remove());
  await page.clock.runFor(500);
  await expect.poll(() => inside(page, 'body').count()).toBe(1);
  await inside(page, 'body').getByRole('button', { name: 'Dismiss' }).click();
  await page.clock.runFor(500);
  expect(await page.locator('tidings-toasts').count()).toBe(1);
});

it('works over the dialog of a file', async () => {
  const { page } = await open('<tidings-toasts></tidings-toasts><tidings-file-dialog></tidings-file-dialog>');
  await receive(page, {
    type: 'user_file',
    id: 'f',
    message: 'm',
    file_url: '/f.zip',
    file_name: 'f.zip',
    file_size: 1,
  });
  await page.getByRole('dialog', { name: 'File ready' }).waitFor();
  await receive(page, titled('over it'));
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
  expect(await page.getByRole('dialog', { name: 'File ready' }).isVisible()).toBe(true);
});

it('works over an element that fills the screen', async () => {
  const { page } = await open('<tidings-toasts></tidings-toasts><section><button>fill</button></section>');
  await receive(page, titled('before'));
  await page.evaluate(() =>
    document
      .querySelector('button')
      ?.addEventListener('click', () => document.querySelector('section')?.requestFullscreen()),
  );
  await page.getByRole('button', { name: 'fill' }).click();
  await expect.poll(() => page.evaluate(() => !!document.fullscreenElement)).toBe(true);
  await settle(page);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.clock.runFor(500);
  expect(await toasts(page).count()).toBe(0);
  await page.evaluate(() => document.exitFullscreen());
});

it('is on no printed page', async () => {
  const { page } = await open();
  await receive(page, titled('a'));
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.region').isVisible()).toBe(false);
  await page.emulateMedia({ media: null });
});

it('renders once a frame in a storm', async () => {
  const { page } = await open();
  const [renders, frames] = await page.evaluate(async () => {
    const element = document.querySelector('tidings-toasts') as HTMLElementTagNameMap['tidings-toasts'];
    let renders = 0;
    let frames = 0;
    const list = element.shadowRoot?.querySelector('ul') as Element;
    new MutationObserver(() => {
      renders += 1;
    }).observe(list, { childList: true });
    for (let sent = 0; sent < 1_000; ) {
      for (const end = sent + 50; sent < end; sent += 1) {
        window.fake.receive({ type: 'notification', notification_type: 'info', title: `n${sent}`, message: '' });
        await null;
      }
      await new Promise((drawn) => requestAnimationFrame(drawn));
      frames += 1;
    }
    return [renders, frames];
  });
  expect(frames).toBe(20);
  expect(renders).toBeLessThanOrEqual(frames + 1);
  expect(await titles(page)).toEqual(['n999', 'n998', 'n997', 'n996']);
});

it('goes by itself where the pointer only lay, and stays once the pointer has moved on it', async () => {
  const { page } = await open();
  await page.mouse.move(1_100, 50);
  await receive(page, titled('under the pointer'));
  await page.clock.runFor(1_000);
  await receive(page, titled('newer'));
  expect(await toasts(page).locator('.title').allTextContents()).toEqual(['newer', 'under the pointer']);
  await page.clock.runFor(7_500);
  expect(await toasts(page).count()).toBe(0);
  await receive(page, titled('read'));
  await page.mouse.move(1_104, 52);
  await page.clock.runFor(20_000);
  expect(await toasts(page).count()).toBe(1);
  await page.mouse.move(10, 500);
  await page.clock.runFor(8_000);
  expect(await toasts(page).count()).toBe(0);
});

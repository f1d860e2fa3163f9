import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ElementsBrowser, receive } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

// Each step is drawn, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = () => browser.open('<tidings-inbox></tidings-inbox>');
const note = (id: string, more: object = {}): FrameDraft => ({
  ...{ type: 'notification', id, notification_type: 'success', title: `Title ${id}`, message: `Message ${id}` },
  ...more,
});
/** The calls to the client, except for pages and `mark_seen`. */
const calls = (page: Page) => page.evaluate(() => window.fake.calls.filter((call) => !/^(list|mark_seen)/.test(call)));
const edit = (page: Page, id: string, change: object) =>
  page.evaluate(
    ([one, more]) => {
      window.fake.server.edit(one, more as Record<string, unknown>);
      return new Promise<void>((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())));
    },
    [id, change] as const,
  );
const items = (page: Page) => page.locator('tidings-inbox .list .item');
const titles = (page: Page) => items(page).locator('.title').allTextContents();
const tab = (page: Page, name: string) => page.getByRole('tab', { name });
const tabs = (page: Page) =>
  page.getByRole('tab').evaluateAll((all) => all.map((one) => one.textContent?.replace(/\s+/g, ' ').trim()));
const press = async (page: Page, at: number, name: string) => {
  await items(page).nth(at).hover();
  await items(page).nth(at).getByRole('button', { name }).click();
};
const undo = (page: Page) => page.locator('tidings-inbox .undo');
const focused = (page: Page) =>
  page.evaluate(() => {
    const active = document.querySelector('tidings-inbox')?.shadowRoot?.activeElement;
    return active?.closest('li')?.querySelector('.title')?.textContent ?? active?.className;
  });

// --- the list

it('lists the newest first with title, message and how long ago, and keeps the time', async () => {
  const { page, complaints } = await open();
  await receive(page, note('a', { timestamp: '2026-03-02T09:20:00Z' }), { type: 'user_message', message: 'Hello' });
  await expect.poll(() => titles(page)).toEqual(['Hello', 'Title a']);
  expect(await items(page).nth(1).locator('.message').textContent()).toBe('Message a');
  expect(await items(page).locator('time').allTextContents()).toEqual(['now', '40m ago']);
  await page.clock.runFor(120_000);
  expect(await items(page).locator('time').allTextContents()).toEqual(['2m ago', '42m ago']);
  expect(complaints).toEqual([]);
});

it('marks one as read when it is chosen, at once, and keeps its element while others come', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await page.evaluate(() => window.fake.hold());
  await items(page).nth(1).click();
  expect(await items(page).nth(1).getAttribute('class')).not.toContain('unread');
  await page.evaluate(() => window.fake.release());
  await receive(page, note('c'));
  expect(await titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
  expect(await focused(page)).toBe('Title a');
  await items(page).nth(2).click();
  expect(await calls(page)).toEqual(['mark_read a']);
});

it('follows a link, downloads a file in a new tab, and links to nothing that is no web address', async () => {
  const { page } = await open();
  await receive(
    page,
    note('a', { data: { url: '/transfers/7' } }),
    { type: 'user_file', id: 'f', message: 'm', file_url: '/files/a.zip', file_name: 'a.zip', file_size: 2_000 },
    note('evil', { data: { url: 'javascript:alert(1)' } }),
    note('over', { data: { url: '/gone' }, expired: true }),
  );
  const seen = await items(page)
    .locator('.main')
    .evaluateAll((all) =>
      all.map((one) => [one.localName, one.getAttribute('href'), one.getAttribute('target'), one.getAttribute('rel')]),
    );
  expect(seen).toEqual([
    ['button', null, null, null],
    ['button', null, null, null],
    ['button', null, null, null],
    ['a', `${browser.origin}/transfers/7`, '_self', 'noopener'],
  ]);
  expect(await items(page).nth(2).textContent()).toContain('2 kB');
  const download = items(page).getByRole('link', { name: 'Download' });
  expect(await download.evaluate((one: HTMLAnchorElement) => [one.href, one.target, one.rel])).toEqual([
    `${browser.origin}/files/a.zip`,
    '_blank',
    'noopener',
  ]);
  await download.click();
  expect(await calls(page)).toEqual(['mark_read f']);
});

it('shows the whole of a long text when it is chosen', async () => {
  const { page } = await open();
  await receive(page, note('a', { message: 'long '.repeat(400) }));
  const height = () => items(page).evaluate((one) => one.getBoundingClientRect().height);
  const folded = await height();
  const main = items(page).getByRole('button', { name: 'Title a' });
  expect(await main.getAttribute('aria-expanded')).toBe('false');
  await main.click();
  expect(await height()).toBeGreaterThan(folded * 3);
  expect(await main.getAttribute('aria-expanded')).toBe('true');
  await main.click();
  expect(await height()).toBe(folded);
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
  await expect.poll(() => titles(page)).toEqual(['All posted', 'Title between']);
  await items(page).first().click();
  expect(await calls(page)).toEqual(['mark_read c,b,a']);
});

it('shows events of the application’s own, and text as text', async () => {
  const { page, complaints } = await open();
  await receive(
    page,
    { type: 'invoice_paid' },
    { type: 'stock.low', title: '<b onclick=alert(1)>Bolts</b>', message: 42 },
  );
  await expect.poll(() => titles(page)).toEqual(['<b onclick=alert(1)>Bolts</b>', 'Invoice paid']);
  expect(await items(page).locator('.title[dir=auto]').count()).toBe(2);
  expect(complaints).toEqual([]);
});

it('greys out what has expired, where it stands, and takes its buttons away', async () => {
  const { page } = await open();
  await receive(page, note('a', { actions: [{ id: 'yes', label: 'Yes' }] }), note('b'));
  expect(await items(page).nth(1).getByRole('button', { name: 'Yes' }).count()).toBe(1);
  await edit(page, 'a', { expired: true });
  expect(await titles(page)).toEqual(['Title b', 'Title a']);
  expect(await items(page).nth(1).locator('[part=note]').textContent()).toBe('Expired');
  expect(await items(page).nth(1).getByRole('button', { name: 'Yes' }).count()).toBe(0);
  expect(await items(page).nth(1).getAttribute('class')).not.toContain('unread');
});

// --- what can be done

it('archives at once, and brings it back where it was', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'), note('c'));
  await page.evaluate(() => window.fake.hold());
  await press(page, 1, 'Archive');
  expect(await titles(page)).toEqual(['Title c', 'Title a']);
  await page.evaluate(() => window.fake.release());
  expect(await undo(page).textContent()).toContain('Archived');
  await undo(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
  expect(await calls(page)).toEqual(['archive b', 'unarchive b']);
  expect(await undo(page).isVisible()).toBe(false);
});

it('offers to undo for eight seconds, and longer while that is pointed at', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await press(page, 0, 'Archive');
  await page.clock.runFor(7_500);
  expect(await undo(page).isVisible()).toBe(true);
  await undo(page).hover();
  await page.clock.runFor(20_000);
  expect(await undo(page).isVisible()).toBe(true);
  await page.mouse.move(5, 700);
  await page.clock.runFor(8_500);
  expect(await undo(page).isVisible()).toBe(false);
});

it('has a place for what can be undone before there is anything, above what the page keeps free', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  const place = page.locator('tidings-inbox .offer');
  expect(await place.evaluate((one) => [one.getAttribute('role'), getComputedStyle(one).display])).toEqual([
    'status',
    'block',
  ]);
  await press(page, 0, 'Archive');
  const bottom = () => place.evaluate((one) => getComputedStyle(one).insetBlockEnd);
  expect(await bottom()).toBe('16px');
  await page.evaluate(() => document.body.style.setProperty('--tidings-undo-bottom', '64px'));
  expect(await bottom()).toBe('80px');
  await undo(page).getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => titles(page)).toEqual(['Title b', 'Title a']);
  expect(await focused(page)).toBe('Title a');
});

it('puts off until a time from the menu, which the keyboard moves in, and back', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await press(page, 0, 'Snooze');
  const menu = page.getByRole('menu', { name: 'Snooze until' });
  const offered = menu.getByRole('menuitem');
  expect(await offered.locator('span').allTextContents()).toEqual([
    ...['In an hour', 'This evening', 'Tomorrow morning', 'Next week'],
  ]);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  expect(await menu.isVisible()).toBe(false);
  expect(await focused(page)).toBe('Title b');
  await press(page, 0, 'Snooze');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  expect(await titles(page)).toEqual(['Title a']);
  expect(await focused(page)).toBe('Title a');
  expect(await calls(page)).toEqual([expect.stringMatching(/^snooze b until=2026-03-02T11:00/)]);
  await undo(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => titles(page)).toEqual(['Title b', 'Title a']);
});

it('goes by the clock of the server, however wrong that of the device is', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    window.fake.ahead = -26 * 3_600_000;
  });
  const eta = '2026-03-01T08:02:01Z';
  await receive(page, note('a', { timestamp: '2026-03-01T07:00:00Z' }), note('t', { task: { ...task, eta } }));
  expect(await items(page).locator('time').last().textContent()).toBe('1h ago');
  expect(await items(page).first().locator('[part=progress]').textContent()).toContain('about 2 min left');
  await press(page, 1, 'Snooze');
  await page.getByRole('menuitem', { name: 'In an hour' }).click();
  await expect.poll(() => calls(page)).toEqual(['snooze a until=2026-03-01T09:00:01.000Z']);
});

it('marks as read and unread', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  await press(page, 0, 'Mark as read');
  expect(await items(page).first().getAttribute('class')).not.toContain('unread');
  await press(page, 0, 'Mark as unread');
  expect(await items(page).first().getAttribute('class')).toContain('unread');
  expect(await calls(page)).toEqual(['mark_read a', 'mark_unread a']);
});

it('marks all as read, loaded or not, and takes it back for all of them', async () => {
  const { page } = await open();
  await page.evaluate(() => {
    for (let n = 0; n < 130; n += 1) window.fake.server.publish({ type: 'user_message', message: `${n}` }, 'later');
    for (const frame of window.fake.server.welcome()) window.fake.apply(frame);
  });
  const button = page.getByRole('button', { name: 'Mark all as read' });
  await button.click();
  await expect.poll(() => undo(page).textContent()).toContain('All marked as read');
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await undo(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => page.evaluate(() => window.fake.inbox.getSnapshot().counts.unread)).toBe(130);
  await button.click();
  await button.click({ force: true });
  expect((await calls(page)).filter((call) => call.startsWith('mark_all_read'))).toHaveLength(2);
});

it('says so where the server refuses, puts everything back, and offers no undo', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'));
  await page.evaluate(() => {
    window.fake.refusing = true;
  });
  await press(page, 0, 'Archive');
  await page.getByText('That did not work. Try again.').waitFor();
  expect(await titles(page)).toEqual(['Title b', 'Title a']);
  expect(await undo(page).isVisible()).toBe(false);
  await page.evaluate(() => {
    window.fake.refusing = false;
  });
  await items(page).first().click();
  await expect.poll(() => page.getByText('That did not work').count()).toBe(0);
});

// --- linked notifications

const buttons = [
  { id: 'approve', label: 'Approve', style: 'primary' },
  { id: 'reject', label: 'Reject', style: 'danger' },
];

it('asks for an approval with its buttons, once, and tells who answered, in the language of the page', async () => {
  const { page, complaints } = await open();
  await receive(page, note('a', { actions: buttons }), note('b', { actions: buttons }));
  const reject = items(page).first().getByRole('button', { name: 'Reject' });
  await page.evaluate(() => window.fake.hold());
  await reject.dblclick();
  expect(await reject.getAttribute('aria-disabled')).toBe('true');
  await page.evaluate(() => window.fake.release());
  await expect.poll(() => items(page).first().textContent()).toContain('Rejected by you, now');
  expect(await reject.count()).toBe(0);
  expect(await calls(page)).toEqual(['answer b action_id=reject']);
  await page.evaluate(() => {
    const strings = {
      done: { approve: 'Genehmigt' },
      answered: (done: string, who: string) => `${done} von ${who}`,
      person: (username: string, id: string) => (id === '7' ? 'Ann Okafor' : username),
    };
    Object.assign(document.querySelector('tidings-inbox') as HTMLElement, { strings });
  });
  const ann = { user_id: '7', username: 'Ann', answered_at: '2026-03-02T09:58:00Z' };
  const answer = { action_id: 'approve', label: 'Approve', ...ann };
  await edit(page, 'a', { answer: { ...answer, comment: 'Fine by me' } });
  await expect
    .poll(() => items(page).nth(1).locator('[part=answer]').textContent())
    .toContain('Genehmigt von \u2068Ann Okafor\u2069');
  // An answered notification asks nobody any more, and is neither read nor unread.
  expect(await items(page).nth(1).getAttribute('class')).not.toContain('unread');
  expect(
    await items(page)
      .nth(1)
      .getByRole('button')
      .evaluateAll((all) => all.map((one) => one.ariaLabel)),
  ).toEqual([null, 'Snooze', 'Archive']);
  expect(await page.evaluate(() => window.fake.inbox.getSnapshot().counts.unread)).toBe(0);
  expect(await items(page).nth(1).textContent()).toContain('Fine by me');
  expect(complaints).toEqual([]);
});

const task = {
  ...{ task_id: 't-1', status: 'processing', message: 'Loading', progress: 40, step: 'Import', step_number: 2 },
  ...{ total_steps: 5, attempt: 1, cancel_requested: false, can_retry: false, eta: '2026-03-02T10:02:01Z' },
};

it('lets who is asked decide, and neither cancel nor retry nor fetch what waits for that', async () => {
  const { page } = await open();
  const asked = { title: 'Approve?', message: 'Ann moves 480,000', task: { ...task, message: 'Waiting for approval' } };
  await receive(page, note('a', { ...asked, actions: buttons }));
  const item = items(page).first();
  await expect.poll(() => item.textContent()).toContain('Ann moves 480,000');
  expect(await item.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
  expect(await item.locator('[part=progress]').count()).toBe(0);
  const ann = { user_id: '7', username: 'Ann', answered_at: '2026-03-02T09:58:00Z' };
  const answer = { action_id: 'reject', label: 'Reject', style: 'danger', ...ann };
  await edit(page, 'a', { ...asked, answer, task: { ...task, status: 'failed', can_retry: true, error: 'Rejected' } });
  await expect.poll(() => item.locator('[part=answer].error').textContent()).toContain('Rejected by \u2068Ann\u2069');
  expect(await item.textContent()).toContain('Ann moves 480,000');
  expect(await item.getByRole('button', { name: 'Retry' }).count()).toBe(0);
});

it('follows a task in one item: progress and Cancel, then Retry, then Download, then expired', async () => {
  const { page } = await open();
  await receive(page, note('a', { message: '', task }), note('b'));
  const linked = items(page).nth(1);
  expect(await linked.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('40');
  expect(await linked.locator('[part=progress]').textContent()).toMatch(
    /Step 2 of 5 · Import\s+40%\s+about 2 min left/,
  );
  await page.clock.runFor(60_000);
  expect(await linked.locator('[part=progress]').textContent()).toContain('about 1 min left');
  await linked.getByRole('button', { name: 'Cancel' }).click();
  expect(await linked.getByRole('button', { name: 'Cancelling…' }).getAttribute('aria-disabled')).toBe('true');
  await edit(page, 'a', { task: { ...task, status: 'failed', error: 'No disk', can_retry: true } });
  expect(await linked.textContent()).toMatch(/No disk\s+Failed/);
  await linked.getByRole('button', { name: 'Retry' }).click();
  expect(await linked.textContent()).toContain('Step 2 of 5');
  const result = { file_url: '/out.zip', file_name: 'out.zip', file_size: 2_000 };
  await edit(page, 'a', { task: { ...task, status: 'completed', attempt: 2, result } });
  expect(await linked.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe(`${browser.origin}/out.zip`);
  expect(await linked.locator('[part~=ended]').textContent()).toBe('Completed · out.zip · 2 kB');
  await edit(page, 'a', { expired: true });
  expect(await linked.getByRole('link').count()).toBe(0);
  expect(await linked.textContent()).toContain('Expired');
  expect(await titles(page)).toEqual(['Title b', 'Title a']);
  expect(await calls(page)).toEqual(['cancel_task t-1', 'retry_task t-1']);
});

it('offers no download that is no web address', async () => {
  const { page } = await open();
  const result = { file_url: 'javascript:alert(1)', file_name: 'out.zip' };
  await receive(page, note('a', { task: { ...task, status: 'completed', result } }));
  await expect.poll(() => items(page).textContent()).toContain('out.zip');
  expect(await items(page).getByRole('link').count()).toBe(0);
});

// --- tabs and search

it('has tabs with counts, categories only where there are any, and moves among them by keyboard', async () => {
  const { page } = await open();
  await receive(page, note('a'));
  await expect.poll(() => tabs(page)).toEqual(['All', 'Unread 1', 'Snoozed', 'Archived']);
  await receive(page, note('b', { category: 'period_close' }), note('c', { category: 'approvals' }));
  expect(await tabs(page)).toEqual(['All', 'Unread 3', 'Approvals 1', 'Period close 1', 'Snoozed', 'Archived']);
  await tab(page, 'All').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => titles(page)).toEqual(['Title c']);
  expect(await tab(page, 'Approvals').getAttribute('aria-selected')).toBe('true');
  expect(await page.getByRole('tabpanel', { name: 'Approvals' }).count()).toBe(1);
  await page.keyboard.press('End');
  await expect.poll(() => page.locator('[part=empty]').textContent()).toContain('Nothing archived');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
  await items(page).first().click();
  expect(await tabs(page)).toContain('Approvals');
});

it('names and counts a category that is called as what every object inherits', async () => {
  const { page } = await open();
  await receive(page, note('a', { category: 'constructor' }), note('b', { category: 'toString' }));
  await expect.poll(() => tabs(page)).toContain('Constructor 1');
  expect((await tabs(page)).slice(2, -2)).toEqual(['Constructor 1', expect.stringMatching(/^to ?string 1$/i)]);
});

it('turns the arrows round where the page reads from right to left', async () => {
  const { page } = await open();
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  await tab(page, 'All').focus();
  await page.keyboard.press('ArrowLeft');
  expect(await tab(page, 'Unread').getAttribute('aria-selected')).toBe('true');
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
});

it('shows what was archived and put off, and takes it back from there', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'), note('c'));
  await page.evaluate(async () => {
    await window.fake.inbox.archive('a');
    await window.fake.inbox.snooze('b', '2026-03-03T09:00:00Z');
  });
  await tab(page, 'Archived').click();
  await expect.poll(() => titles(page)).toEqual(['Title a']);
  await press(page, 0, 'Move to inbox');
  await expect.poll(() => page.locator('[part=empty]').textContent()).toContain('Nothing archived');
  await tab(page, 'Snoozed').click();
  await expect.poll(() => titles(page)).toEqual(['Title b']);
  expect(await items(page).locator('[part=note]').textContent()).toMatch(/Until Tue/);
  await press(page, 0, 'End snooze');
  await tab(page, 'All').click();
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
});

it('lets go what is read from the unread ones, and gives the focus to its neighbour', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'), note('c'));
  await tab(page, 'Unread').click();
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title b', 'Title a']);
  await items(page).nth(1).locator('.main').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title a']);
  expect(await focused(page)).toBe('Title a');
});

it('searches once the typing rests, and Escape clears it', async () => {
  const { page } = await open();
  await receive(page, note('a', { title: 'Budget' }), note('b', { title: 'Travel' }));
  const field = page.getByRole('searchbox', { name: 'Search notifications' });
  await field.pressSequentially('budg');
  expect(await titles(page)).toEqual(['Travel', 'Budget']);
  await page.clock.runFor(300);
  await expect.poll(() => titles(page)).toEqual(['Budget']);
  expect(await page.evaluate(() => window.fake.calls.filter((call) => call.includes('q=')))).toEqual(['list q=budg']);
  await field.fill('nothing of this');
  await page.clock.runFor(300);
  await expect.poll(() => page.locator('[part=empty]').textContent()).toContain('Nothing found for “nothing of this”');
  await field.press('Escape');
  await expect.poll(() => titles(page)).toEqual(['Travel', 'Budget']);
  expect(await field.inputValue()).toBe('');
});

// --- keyboard

it('has one row in the order of Tab, moves by the arrows, and comes to what can be done with it', async () => {
  const { page } = await open();
  await receive(page, note('a'), note('b'), note('c'));
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Title c');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toBe('Title b');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => titles(page)).toEqual(['Title c', 'Title a']);
  expect(await focused(page)).toBe('Title a');
  await page.keyboard.press('Shift+Tab');
  expect(await focused(page)).not.toBe('Title c');
});

// --- states

/** A page with so many notifications, all of them read, and an inbox in it. */
async function openWith(count: number, tag = 'tidings-inbox') {
  const tab = await browser.open('');
  await tab.page.evaluate(
    ([most, name]) => {
      const { server } = window.fake;
      for (let n = 0; n < most; n += 1) server.publish({ type: 'user_message', id: `${n}`, message: `${n}` }, 'later');
      server.act({ action: 'mark_all_read' });
      for (const frame of server.welcome()) window.fake.apply(frame);
      document.body.append(Object.assign(document.createElement(name), { client: window.fake }));
    },
    [count, tag] as const,
  );
  return tab;
}
const size = (page: Page) => items(page).first().locator('..').getAttribute('aria-setsize');

it('loads what is older by itself, until there is none', async () => {
  const { page } = await openWith(70);
  await expect.poll(() => page.evaluate(() => window.fake.inbox.getSnapshot().items.length)).toBe(50);
  await expect.poll(() => size(page)).toBe('-1');
  await page.evaluate(() => scrollTo(0, 50 * 80));
  await expect.poll(() => size(page)).toBe('70');
  await page.evaluate(() => scrollTo(0, 70 * 80));
  await expect.poll(() => titles(page).then((all) => all.at(-1))).toBe('0');
  expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0);
});

it('loads the newest page, though what was sent again leaves no room for its end', async () => {
  const { page } = await browser.open('');
  await page.evaluate(() => {
    for (let n = 0; n < 40; n += 1) window.fake.server.publish({ type: 'user_message', message: `${n}` }, 'later');
    for (const frame of window.fake.server.welcome()) window.fake.apply(frame);
    document.body.append(Object.assign(document.createElement('tidings-inbox'), { client: window.fake }));
  });
  await expect.poll(() => size(page)).toBe('40');
});

// --- rows in a window

/** Loads every page there is. */
const loadAll = (page: Page) =>
  page.evaluate(async () => {
    const { inbox } = window.fake;
    while (inbox.getSnapshot().hasMore) await inbox.loadMore();
    await new Promise(requestAnimationFrame);
  });

it('renders the rows that can be seen of ten thousand, and those that are scrolled to', async () => {
  const { page } = await openWith(10_000);
  await loadAll(page);
  await expect.poll(() => size(page)).toBe('10000');
  expect(await items(page).count()).toBeLessThanOrEqual(25);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  await expect.poll(() => titles(page).then(([, second]) => Number(second))).toBeLessThan(5_200);
  const rows = await page
    .locator('.list > li')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-posinset')));
  const shown = await titles(page);
  expect(rows).toEqual(shown.map((title) => String(10_000 - Number(title))));
  expect(shown.length).toBeLessThanOrEqual(30);
});

it('moves the focus beyond what is rendered, and keeps the row that has it when it is scrolled away', async () => {
  const { page } = await openWith(200);
  await loadAll(page);
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('End');
  await expect.poll(() => focused(page)).toBe('0');
  expect(
    await items(page)
      .last()
      .locator('.main')
      .evaluate((one) => one.getBoundingClientRect().bottom),
  ).toBeLessThan(721);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => titles(page).then(([first]) => first)).toBe('199');
  expect(await focused(page)).toBe('0');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => focused(page)).toBe('1');
  await page.keyboard.press('Home');
  await expect.poll(() => focused(page)).toBe('199');
  expect(await page.locator('.list .main[tabindex="0"]').count()).toBe(1);
});

it.each(['page', 'part of the page'])(
  'keeps what is read in its place while others come, where the %s scrolls',
  async (which) => {
    const { page } = await openWith(200);
    await loadAll(page);
    if (which === 'part of the page') {
      await page.evaluate(() => {
        const part = document.body.appendChild(document.createElement('div'));
        part.style.cssText = 'block-size: 500px; overflow-y: auto';
        part.append(document.querySelector('tidings-inbox') as Element);
      });
    }
    await expect.poll(() => size(page)).toBe('200');
    await page.evaluate(() => (document.querySelector('body > div') ?? document.scrollingElement)?.scrollTo(0, 3_000));
    const top = () =>
      page.locator('.list > li').evaluateAll((all) => {
        const one = all.find((row) => row.getBoundingClientRect().top > 100);
        return [one?.querySelector('.title')?.textContent, Math.round(one?.getBoundingClientRect().top ?? 0)];
      });
    await expect.poll(() => titles(page).then(([, second]) => Number(second))).toBeLessThan(170);
    for (let frame = 0; frame < 3; frame += 1) await receive(page);
    const before = await top();
    for (const id of ['a', 'b', 'c']) await receive(page, note(id));
    await receive(page);
    expect(await top()).toEqual(before);
  },
);

it('is no wider than a narrow window where nothing can hover, with the buttons of every row in it', async () => {
  const touched = await browser.newContext({ hasTouch: true });
  const { page } = await browser.openIn(touched, '<tidings-inbox></tidings-inbox>');
  await page.setViewportSize({ width: 390, height: 844 });
  await receive(page, note('a'), note('b'));
  await items(page).last().getByRole('button', { name: 'Archive' }).tap();
  await expect.poll(() => titles(page)).toEqual(['Title b']);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await touched.close();
});

it('says that nothing came, and tries again when it is asked to', async () => {
  const { page } = await browser.open('');
  await page.evaluate(() => {
    window.fake.refusing = true;
    document.body.append(Object.assign(document.createElement('tidings-inbox'), { client: window.fake }));
  });
  await expect.poll(() => page.getByRole('alert').textContent()).toBe('This could not be loaded.');
  await page.evaluate(() => {
    window.fake.refusing = false;
  });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => page.locator('[part=empty]').textContent()).toContain('You’re all caught up');
});

// --- every text, everywhere

const box = async (page: Page, selector: string) => {
  const found = await items(page).first().locator(selector).boundingBox();
  if (!found) throw new Error(`${selector} is not shown`);
  return found;
};

it.each(['ltr', 'rtl'])('lays what can be done over neither title nor time, where the page reads %s', async (dir) => {
  const { page } = await open();
  await page.evaluate((one) => document.documentElement.setAttribute('dir', one), dir);
  await receive(
    page,
    note('a', { title: 'A title of many words, which takes all the room there is for it '.repeat(9) }),
  );
  const opacityOf = (selector: string) =>
    items(page)
      .locator(selector)
      .evaluate((one) => getComputedStyle(one).opacity);
  expect([await opacityOf('time'), await opacityOf('.acts')]).toEqual(['1', '0']);
  await items(page).first().hover();
  expect([await opacityOf('time'), await opacityOf('.acts')]).toEqual(['0', '1']);
  const [acts, title] = [await box(page, '.acts'), await box(page, '.title')];
  const [first, second] = dir === 'ltr' ? [title, acts] : [acts, title];
  expect(first.x + first.width).toBeLessThanOrEqual(second.x);
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
});

it('cuts a text off at its own end, in whichever direction it reads', async () => {
  const { page } = await open();
  await receive(
    page,
    note('a', { title: 'تم ترحيل التحويل', message: 'تم ترحيل السطور إلى دفتر الأستاذ '.repeat(30) }),
    note('b', { message: 'words '.repeat(200) }),
  );
  const directionOf = (at: number, selector: string) =>
    items(page)
      .nth(at)
      .locator(selector)
      .evaluate((one) => {
        const { direction, textAlign, unicodeBidi } = getComputedStyle(one);
        return [direction, textAlign, unicodeBidi];
      });
  for (const selector of ['.title', '.message']) {
    expect(await directionOf(0, selector)).toEqual(['ltr', 'left', 'isolate']);
    expect(await directionOf(1, selector)).toEqual(['rtl', 'left', 'isolate']);
  }
});

it.each([320, 640, 1280])('keeps long words and names within %i px, and every tab within reach', async (width) => {
  const { page } = await open();
  await page.setViewportSize({ width, height: 720 });
  const long = 'Verylongwordthatnothingbreaks'.repeat(12);
  const answer = { action_id: 'x', label: long, user_id: '7', username: long, answered_at: '2026-03-02T09:58:00Z' };
  await receive(
    page,
    note('a', { title: long, message: long, category: long.toLowerCase() }),
    note('b', { title: long, actions: [{ id: 'x', label: long }], category: 'approvals' }),
    note('c', { title: long, answer: { ...answer, comment: long } }),
    { type: 'user_file', id: 'f', message: long, file_url: '/f', file_name: `${long}.zip`, file_size: 1 },
    note('t', { title: long, task: { ...task, step: long, message: long } }),
  );
  const wide = await items(page).evaluateAll((all) =>
    all.flatMap((item) => {
      const { left, right } = item.getBoundingClientRect();
      const parts = [...item.querySelectorAll('.body *')].map(
        (one) => [one.className, one.getBoundingClientRect()] as const,
      );
      return parts.filter(([, at]) => at.right > right + 1 || at.left < left - 1).map(([name]) => String(name));
    }),
  );
  expect(wide).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await tab(page, 'All').focus();
  for (const name of ['Unread', 'Approvals', long, 'Snoozed', 'Archived']) {
    await page.keyboard.press('ArrowRight');
    const chosen = page.locator('#tab');
    expect((await chosen.textContent())?.toLowerCase()).toContain(name.toLowerCase());
    const at = await chosen.boundingBox();
    expect(at?.x).toBeGreaterThanOrEqual(0);
    expect((at?.x ?? 0) + (at?.width ?? 0)).toBeLessThanOrEqual(width);
  }
});

it('shows what is unread, chosen, busy and under way in forced colours too', async () => {
  const { page } = await open();
  await page.emulateMedia({ forcedColors: 'active' });
  await receive(page, note('a', { task }), note('read'));
  await page.evaluate(() => window.fake.inbox.markRead('read'));
  await receive(page);
  await page.evaluate(() => window.fake.become({ status: 'reconnecting' }));
  const backOf = (selector: string, pseudo?: string) =>
    page
      .locator('tidings-inbox')
      .locator(selector)
      .first()
      .evaluate((one, name) => getComputedStyle(one, name).backgroundColor, pseudo);
  const canvas = await backOf('.search');
  const signs = [
    await backOf('.unread .dot'),
    await backOf('[aria-selected=true]', '::after'),
    await backOf('.line', '::before'),
    await backOf('.bar > div'),
  ];
  for (const sign of signs) expect([canvas, 'rgba(0, 0, 0, 0)']).not.toContain(sign);
  expect(signs).not.toContain(await backOf('.item:not(.unread) .dot'));
  await page.emulateMedia({ forcedColors: null });
});

it('shows that it loads before it knows anything', async () => {
  const { page } = await browser.open('');
  await page.evaluate(() => {
    window.fake.hold();
    document.body.append(Object.assign(document.createElement('tidings-inbox'), { client: window.fake }));
  });
  await expect.poll(() => page.locator('.skeleton').count()).toBe(1);
  expect(await page.locator('[part=empty]').count()).toBe(0);
  await page.evaluate(() => window.fake.release());
  await expect.poll(() => page.locator('[part=empty]').count()).toBe(1);
});

it.each([
  ['reconnecting', 'Connection lost. Reconnecting…'],
  ['connecting', 'Connecting…'],
  ['closed', 'Not connected'],
] as const)('tells that it is %s', async (status, line) => {
  const { page } = await open();
  expect(await page.locator('[part=connection]').count()).toBe(0);
  await page.evaluate((next) => window.fake.become({ status: next }), status);
  expect((await page.locator('[part=connection]').textContent())?.trim()).toBe(line);
});

it.each([
  ['height', 'tidings-inbox { height: 400px }'],
  ['maxHeight', 'tidings-inbox { max-height: 400px }'],
  ['flex', 'body { display: flex; flex-direction: column; height: 400px; margin: 0 } tidings-inbox { flex: 1 }'],
])('scrolls its list where its height is limited by %s, and keeps head and tabs', async (_by, rules) => {
  const { page } = await browser.open('<tidings-inbox></tidings-inbox>');
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${css} tidings-inbox { box-sizing: border-box }`);
    document.adoptedStyleSheets = [sheet];
  }, rules);
  const drafts = Array.from({ length: 40 }, (_, at) => ({
    type: 'user_notification',
    notification_type: 'info',
    title: `n${at}`,
    message: 'm',
  }));
  await receive(page, ...drafts);
  const inbox = page.locator('tidings-inbox');
  await expect.poll(() => inbox.locator('.item').count()).toBeGreaterThan(3);
  const sizes = () =>
    inbox.evaluate((host) => ({
      height: host.getBoundingClientRect().height,
      beyond: host.scrollHeight - host.clientHeight,
    }));
  expect(await sizes()).toEqual({ height: 400, beyond: 0 });
  const head = await inbox.locator('h2').boundingBox();
  await inbox.locator('.scroller').evaluate((one) => one.scrollTo(0, one.scrollHeight));
  await expect.poll(() => inbox.getByText('n0', { exact: true }).count()).toBe(1);
  expect(await inbox.locator('h2').boundingBox()).toEqual(head);
  expect(await sizes()).toEqual({ height: 400, beyond: 0 });
});

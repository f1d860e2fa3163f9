import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser } from './testing/browser.ts';
import type { FakeClient } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const open = () => browser.open('<tidings-task task-id="t-1"></tidings-task>');
const report = (page: Page, members: Parameters<FakeClient['report']>[1], remainingMs: number | null = null) =>
  page.evaluate(([report, left]) => window.fake.report('t-1', report, left), [members, remainingMs] as const);
const calls = (page: Page) => page.evaluate(() => window.fake.calls);
const text = (page: Page, part: string) =>
  page
    .locator(`tidings-task [part=${part}]`)
    .textContent()
    .then((content) => content?.replace(/\s+/g, ' ').trim());
const names = ['Preparing Data', 'Upload to UCM', 'Interface Loader', 'Journal Import', 'AutoPost'];
const step = (number: number) => ({ step: names[number - 1], step_number: number, total_steps: 5 });

it('follows its task before the first report, and says that it waits', async () => {
  const { page } = await open();
  expect(await calls(page)).toEqual(['subscribe t-1']);
  expect(await page.locator('tidings-task .card').textContent()).toContain('Waiting for the first report…');
  const bar = page.getByRole('progressbar');
  expect(await bar.getAttribute('aria-valuenow')).toBeNull();
});

it('shows name, steps seen so far, percent, remaining time and message', async () => {
  const { page, complaints } = await open();
  await report(page, { name: 'Budget transfer', ...step(1) });
  await report(page, step(2));
  await report(page, { ...step(3), progress: 46, message: 'Loading 214 lines' }, 135_000);
  expect(await page.getByRole('heading').textContent()).toBe('Budget transfer');
  expect(await text(page, 'status')).toBe('Step 3 of 5 · Interface Loader');
  const items = page.locator('tidings-task li');
  expect(await items.locator('.label').allTextContents()).toEqual([...names.slice(0, 3), 'Step 4', 'Step 5']);
  expect(await items.evaluateAll((all) => all.map((one) => one.className))).toEqual([
    'done',
    'done',
    'now',
    'ahead',
    'ahead',
  ]);
  expect(await page.locator('[aria-current=step] .label').textContent()).toBe('Interface Loader');
  const bar = page.getByRole('progressbar', { name: 'Budget transfer' });
  expect(await bar.getAttribute('aria-valuenow')).toBe('46');
  const filled = await bar.evaluate((one) => (one.firstElementChild as HTMLElement).offsetWidth / one.clientWidth);
  expect(filled).toBeGreaterThan(0);
  expect(await page.locator('.figures span').allTextContents()).toEqual(['46%', 'about 2 min left']);
  expect(await text(page, 'message')).toBe('Loading 214 lines');
  expect(complaints).toEqual([]);
});

it('names every step from the first frame where the task lists them, and tells what a report calls one beside its number', async () => {
  const { page } = await open();
  await report(page, { status: 'queued', data: { steps: names } });
  const items = page.locator('tidings-task li');
  expect(await items.locator('.label').allTextContents()).toEqual(names);
  expect(await items.evaluateAll((all) => all.map((one) => one.className))).toEqual(Array(5).fill('ahead'));
  for (const said of ['Sending 1 of 2 files', 'Sending 2 of 2 files']) {
    await report(page, { ...step(2), step: said, status: 'processing', data: {} });
    expect(await text(page, 'status')).toBe(`Step 2 of 5 · ${said}`);
    expect(await items.locator('.label').allTextContents()).toEqual(names);
  }
  await report(page, step(3));
  expect(await items.locator('.label').allTextContents()).toEqual(names);
});

it('names a step after the first report about it where the task lists none', async () => {
  const { page } = await open();
  await report(page, { step: 'Load', step_number: 1, total_steps: 2 });
  await report(page, { step: 'Line 7 of 90', step_number: 1, total_steps: 2 });
  expect(await text(page, 'status')).toBe('Step 1 of 2 · Line 7 of 90');
  expect(await page.locator('tidings-task li .label').allTextContents()).toEqual(['Load', 'Step 2']);
});

it.each([
  [{ a: 1 }, ['Step 1', 'Step 2']],
  ['two', ['Step 1', 'Step 2']],
  [
    [null, { toString: 1 }],
    ['Step 1', 'Step 2'],
  ],
  [Array(9).fill('x'), []],
])('of the steps %j it shows %j', async (steps, labels) => {
  const { page } = await open();
  await report(page, { data: { steps }, step_number: 1, total_steps: 2 });
  expect(await page.locator('tidings-task li .label').allTextContents()).toEqual(labels);
});

it('counts the remaining time down between reports', async () => {
  const { page } = await open();
  await report(page, { progress: 50 }, 60_000);
  expect(await page.locator('.figures').textContent()).toContain('about 1 min left');
  await page.clock.runFor(30_000);
  expect(await page.locator('.figures').textContent()).toContain('about 30 sec left');
  await page.clock.runFor(31_000);
  expect(await page.locator('.figures').textContent()).toContain('about 5 sec left');
});

it('shows no number while there is no progress, and no steps where there are too many', async () => {
  const { page } = await open();
  await report(page, { status: 'queued', message: 'Soon' });
  expect(await text(page, 'status')).toBe('Queued');
  expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBeNull();
  expect(await page.locator('.figures').count()).toBe(0);
  await report(page, { status: 'processing', step: 'Line 7', step_number: 7, total_steps: 200, progress: 3.5 });
  expect(await page.locator('tidings-task li').count()).toBe(0);
  expect(await text(page, 'status')).toBe('Step 7 of 200 · Line 7');
});

it('asks once for the cancellation, and says that it is under way', async () => {
  const { page } = await open();
  await report(page, { progress: 10 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  const button = page.getByRole('button', { name: 'Cancelling…' });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await button.click({ force: true });
  expect(await calls(page)).toEqual(['subscribe t-1', 'cancel_task t-1']);
  await report(page, { status: 'cancelled', message: 'Cancelled by Dana' });
  expect(await text(page, 'status')).toBe('Cancelled');
  expect(await page.getByRole('button').count()).toBe(0);
});

it('says so where the cancellation could not be asked for, and lets it be tried again', async () => {
  const { page } = await open();
  await report(page, { progress: 10 });
  await page.evaluate(() => {
    window.fake.refusing = true;
  });
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(await page.locator('tidings-task [role=alert]').textContent()).toBe('That did not work. Try again.');
  expect(await page.getByRole('button', { name: 'Cancel' }).getAttribute('aria-disabled')).toBe('false');
});

it.each([
  [{ file_url: '/files/out.zip' }, '/files/out.zip'],
  [{ result_path: 'https://files.example/out.zip' }, 'https://files.example/out.zip'],
])('offers %j of a completed task as a download', async (result, href) => {
  const { page } = await open();
  await report(page, { ...step(5), progress: 97 });
  await report(page, { type: 'task_complete', status: 'completed', result });
  expect(await text(page, 'status')).toBe('Completed');
  const link = page.getByRole('link', { name: 'Download' });
  expect(await link.getAttribute('href')).toBe(new URL(href, browser.origin).href);
  expect(await link.getAttribute('target')).toBe('_blank');
  expect(await link.getAttribute('rel')).toBe('noopener');
  expect(await page.locator('tidings-task li.done').count()).toBe(5);
  expect(await page.getByRole('progressbar').count()).toBe(0);
});

it.each([null, 'done', 42, { file_url: 'javascript:alert(1)' }])('offers no link for the result %j', async (result) => {
  const { page } = await open();
  await report(page, { type: 'task_complete', status: 'completed', result });
  expect(await text(page, 'status')).toBe('Completed');
  expect(await page.locator('tidings-task a').count()).toBe(0);
});

it('tells why a task failed and at which step, and goes on with the next attempt', async () => {
  const { page } = await open();
  await report(page, step(3));
  await report(page, { type: 'task_error', status: 'failed', ...step(4), message: 'm', error: 'Does not balance' });
  expect(await text(page, 'status')).toBe('Failed · Journal Import');
  expect(await text(page, 'message')).toBe('Does not balance');
  expect(await page.locator('li.failed .label').textContent()).toBe('Journal Import');
  await report(page, { type: 'task_update', status: 'processing', attempt: 2, error: undefined, ...step(1) });
  expect(await text(page, 'status')).toBe('Step 1 of 5 · Preparing Data · attempt 2');
  expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(1);
});

it('follows another task when it is told to, and none once it is removed', async () => {
  const { page } = await open();
  await report(page, { name: 'First', ...step(2) });
  await page.evaluate(async () => {
    const task = document.querySelector('tidings-task') as HTMLElementTagNameMap['tidings-task'];
    task.taskId = 't-2';
    await task.updateComplete;
    window.fake.report('t-2', { name: 'Second', step_number: 1, total_steps: 2 });
    await task.updateComplete;
  });
  expect(await page.getByRole('heading').textContent()).toBe('Second');
  expect(await page.locator('li .label').allTextContents()).toEqual(['Step 1', 'Step 2']);
  await page.evaluate(() => document.querySelector('tidings-task')?.remove());
  expect(await calls(page)).toEqual(['subscribe t-1', 'unsubscribe t-1', 'subscribe t-2', 'unsubscribe t-2']);
  expect(await page.evaluate(() => window.fake.listening)).toBe(0);
});

it('keeps no name of a step that another user was told of', async () => {
  const { page } = await open();
  await report(page, step(1));
  await report(page, step(2));
  await page.evaluate(() => window.fake.become({ user: { id: '43', username: 'other', roles: [] } }));
  await report(page, { message: 'Loading' });
  expect(await page.locator('li .label').allTextContents()).toEqual(['Step 1', names[1], 'Step 3', 'Step 4', 'Step 5']);
});

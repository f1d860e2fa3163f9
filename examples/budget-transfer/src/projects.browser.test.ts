import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { faultsOf } from '../../../scripts/axe.js';
import { DemoInBrowser, goTo } from './testing/demo-in-browser.ts';

// Several browsers at once take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let demo: DemoInBrowser;

beforeAll(async () => {
  browser = await DemoInBrowser.launch();
  demo = await DemoInBrowser.start(browser);
});
afterAll(async () => {
  await demo.close();
  await browser.close();
});

const events = (page: Page) => page.locator('tidings-activity [part=text]').allTextContents();
const quotes = (page: Page) => page.locator('tidings-activity [part=quote]').allTextContents();

async function openProject(name: string): Promise<Page> {
  const page = await demo.openAs(name, { width: 1280, height: 860 });
  await goTo(page, 'Projects');
  await page.getByRole('heading', { name: 'Cloud migration' }).waitFor();
  return page;
}

test('two people see each other on a project, write to each other, and its approval reaches the owner', async () => {
  const [maria, tom] = [await openProject('Maria Chen'), await openProject('Tom Okafor')];
  for (const page of [maria, tom]) await page.locator('tidings-presence').getByText('2 here').waitFor();
  expect(await maria.locator('tidings-presence [part=person] .spoken').allTextContents()).toEqual([
    'Maria Chen',
    'Tom Okafor',
  ]);

  await tom.bringToFront();
  await tom.getByLabel('Comment').pressSequentially('Fine by me, @maria');
  await maria.bringToFront();
  await maria.getByText('Tom Okafor is writing…').waitFor();
  await tom.bringToFront();
  await tom.getByRole('button', { name: 'Send' }).click();
  await maria.bringToFront();
  await expect.poll(() => quotes(maria)).toEqual(['Fine by me, @maria']);
  await expect.poll(() => maria.locator('.writers').textContent()).toBe('');
  expect(await maria.getByRole('button', { name: 'Approve project' }).isVisible()).toBe(false);

  await tom.bringToFront();
  await tom.getByRole('button', { name: 'Approve project' }).click();
  await tom.getByText(/^Approved by Tom Okafor/).waitFor();
  await maria.bringToFront();
  await maria.getByText(/^Approved by Tom Okafor/).waitFor();
  await expect.poll(() => events(maria)).toEqual(['Tom Okafor approved the project', 'commented']);
  await maria.locator('tidings-toasts [part=title]', { hasText: 'New Project Approved' }).waitFor();
  await goTo(maria, 'Inbox');
  await maria.locator('tidings-inbox [part~=item]', { hasText: 'New Project Approved' }).waitFor();
  await tom.bringToFront();
  await tom.locator('tidings-presence').getByText('1 here').waitFor();

  await maria.bringToFront();
  await goTo(maria, 'Projects');
  await maria.getByRole('button', { name: 'Open again' }).click();
  await maria.getByText('Waits for an advisor’s approval').waitFor();
  await expect
    .poll(() => events(maria))
    .toEqual(['Maria Chen opened the project again', 'Tom Okafor approved the project', 'commented']);
  await maria.emulateMedia({ reducedMotion: 'reduce' });
  expect(await faultsOf(maria)).toEqual([]);
  expect(demo.complaints).toEqual([]);
});

test('of two advisors the first counts, and a project of others is not there', async () => {
  const priya = await openProject('Priya Raman');
  const tom = await openProject('Tom Okafor');
  const post = (page: Page, path: string) =>
    page.evaluate(
      (to) =>
        fetch(to, { method: 'POST' }).then(async (answer) => [
          answer.status,
          ((await answer.json()) as { message?: string }).message,
        ]),
      path,
    );
  expect(await post(priya, '/projects/15/approve')).toEqual([200, undefined]);
  expect(await post(priya, '/projects/15/approve')).toEqual([200, undefined]);
  expect(await post(tom, '/projects/15/approve')).toEqual([403, 'An advisor of the project approves it.']);
  expect(await post(tom, '/projects/14/approve')).toEqual([404, 'There is no project 14, or it is not yours.']);
  expect(await post(priya, '/projects/12/approve')).toEqual([200, undefined]);
  expect(await post(tom, '/projects/12/approve')).toEqual([409, 'Priya Raman was quicker: it is approved already.']);
  await tom.bringToFront();
  await tom.locator('.project-link', { hasText: 'Close in three days' }).click();
  await tom.getByText(/^Approved by Priya Raman/).waitFor();
  expect(await events(tom)).toEqual(['Priya Raman approved the project']);
});

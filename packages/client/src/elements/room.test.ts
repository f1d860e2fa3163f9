import type { ServerFrame } from '@tidings/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementsBrowser } from './testing/browser.ts';
import type { RoomDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

const name = 'project:12';
const activity = `<tidings-activity room="${name}"></tidings-activity>`;
const presence = `<tidings-presence room="${name}" max="2"></tidings-presence>`;
const drawn = (page: Page) =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
const calls = (page: Page) => page.evaluate(() => window.fake.calls);
const openRoom = async (page: Page, events: RoomDraft[], refusal?: string) => {
  await page.evaluate(([room, all, code]) => window.fake.openRoom(room, all, code), [name, events, refusal] as const);
  await drawn(page);
};
const say = async (page: Page, ...events: RoomDraft[]) => {
  await page.evaluate(
    ([room, all]) => {
      for (const one of all) window.fake.inRoom(room, one);
    },
    [name, events] as const,
  );
  await drawn(page);
};
const apply = async (page: Page, frame: object) => {
  await page.evaluate((one) => window.fake.apply(one as ServerFrame), frame);
  await drawn(page);
};
const ann = { user_id: '1', username: 'ann.lee' };
const comment = (text: string, from: RoomDraft['from'] = ann): RoomDraft => ({
  event: 'comment_added',
  from,
  data: { text },
});
const events = (page: Page) =>
  page
    .locator('tidings-activity li')
    .evaluateAll((all) => all.map((one) => one.textContent?.replace(/\s+/g, ' ').trim()));
const texts = (page: Page) => page.locator('tidings-activity [part=quote]').allTextContents();

it('waits for the room, then shows its events, the newest first, with who, what and when', async () => {
  const { page, complaints } = await browser.open(activity);
  expect(await page.locator('tidings-activity').getByRole('status').textContent()).toBe('Loading…');
  expect(await calls(page)).toEqual([`subscribe room:${name}`]);
  await openRoom(page, [{ event: 'project.approved', data: { title: 'x' } }, comment('<b>first</b>')]);
  await page.clock.runFor(120_000);
  await say(page, comment('second', { user_id: '2', username: 'bob' }));
  expect(await events(page)).toEqual([
    'B bob comment added now second',
    'AL ann.lee comment added 2m ago <b>first</b>',
    'Project approved 2m ago',
  ]);
  expect(await page.getByRole('log', { name: 'Activity' }).count()).toBe(1);
  expect(await page.getByRole('button').count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('says what the application calls events, and leaves out those that it describes by null', async () => {
  const { page } = await browser.open(activity);
  await page.evaluate(() => {
    const element = document.querySelector('tidings-activity') as HTMLElementTagNameMap['tidings-activity'];
    element.strings = { events: { comment_added: 'commented' }, person: (username) => username.toUpperCase() };
    element.describe = ({ event, data }) =>
      event === 'noise' ? null : event === 'moved' ? `moved it to ${data.to}` : undefined;
  });
  await openRoom(page, [
    comment('hello'),
    { event: 'noise' },
    { event: 'moved', from: ann, data: { to: 'Monday', text: 'no' } },
  ]);
  expect(await events(page)).toEqual(['AL ANN.LEE moved it to Monday now', 'AL ANN.LEE commented now hello']);
});

it('shows the newest last where that is asked for, and keeps its rows while others come', async () => {
  const { page } = await browser.open(activity.replace('>', ' newest="last">'));
  await openRoom(page, [comment('a'), comment('b')]);
  await page
    .locator('tidings-activity li')
    .first()
    .evaluate((one) => one.setAttribute('data-kept', ''));
  await say(page, comment('c'));
  expect(await texts(page)).toEqual(['a', 'b', 'c']);
  expect(await page.locator('tidings-activity li').first().getAttribute('data-kept')).toBe('');
});

it('loads earlier events, and says where that fails', async () => {
  const { page } = await browser.open(activity);
  const all = Array.from({ length: 20 }, (_, n) => comment(`${n + 1}`));
  await openRoom(page, all);
  const more = page.getByRole('button', { name: 'Show earlier' });
  await page.evaluate(() => {
    window.fake.refusing = true;
  });
  await more.click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toBe('This could not be loaded.');
  await page.evaluate(
    ([first]) => {
      window.fake.refusing = false;
      window.fake.roomPage = {
        items: [{ ...first, id: 'old', rev: 0, timestamp: '2026-03-01T10:00:00Z' }],
        next_before: null,
      };
    },
    [{ type: 'room_event', room: name, ...comment('oldest'), from: ann, data: { text: 'oldest' } }] as const,
  );
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => texts(page)).toHaveLength(21);
  expect((await texts(page)).at(-1)).toBe('oldest');
  expect(await page.getByRole('button').count()).toBe(0);
  expect((await calls(page)).filter((call) => /room_events/.test(call))).toEqual(
    Array(2).fill(`room_events room=${name} before=1`),
  );
});

it('says that there is nothing, or no access, and what a page misnames is in its console', async () => {
  const { page, complaints } = await browser.open(activity + presence);
  await openRoom(page, []);
  expect(await page.locator('tidings-activity [part=note]').textContent()).toBe('Nothing has happened here yet.');
  expect(await page.locator('tidings-presence [part=count]').textContent()).toBe('Nobody is here');
  await openRoom(page, [], 'there is no room');
  expect(await page.getByRole('status').allTextContents()).toEqual(Array(2).fill('You have no access here.'));
  expect(complaints).toEqual([]);
  await page.evaluate(() => document.querySelector('tidings-presence')?.setAttribute('room', 'nonsense'));
  await drawn(page);
  expect(complaints).toEqual([expect.stringContaining('as project:12')]);
});

it('shows who is there by initials, names them to those who cannot see these, and counts the others', async () => {
  const { page } = await browser.open(presence);
  await openRoom(page, []);
  const someone = (username: string) => ({ username, sessions: { s: {} } });
  const all = { 1: someone('ann.lee'), 2: someone('Bob'), 3: someone('Zoë Quin'), 4: someone('Émile') };
  await apply(page, { type: 'presence', room: name, members: all });
  const group = page.getByRole('group', { name: 'Here now' });
  expect(await group.locator('.avatar').allTextContents()).toEqual(['AL', 'B', '+2']);
  expect(
    await group.getByRole('listitem').evaluateAll((items) => items.map((one) => (one as HTMLElement).title)),
  ).toEqual(['ann.lee', 'Bob', 'Émile, Zoë Quin']);
  expect(await group.locator('.spoken').allTextContents()).toEqual(['ann.lee', 'Bob', 'and 2 more']);
  expect(await page.locator('[part=count]').textContent()).toBe('4 here');
  await apply(page, { type: 'presence', room: name, left: ['1', '4'] });
  expect(await group.locator('.avatar').allTextContents()).toEqual(['B', 'ZQ']);
});

it('follows another room where its attribute says so, and none once it is out of the page', async () => {
  const { page } = await browser.open(activity);
  await openRoom(page, [comment('here')]);
  await page.evaluate(() => document.querySelector('tidings-activity')?.setAttribute('room', 'project:13'));
  await drawn(page);
  expect(await events(page)).toEqual([]);
  await page.evaluate(() => document.querySelector('tidings-activity')?.remove());
  await drawn(page);
  expect((await calls(page)).filter((call) => /subscribe/.test(call))).toEqual([
    `subscribe room:${name}`,
    ...[`unsubscribe room:${name}`, 'subscribe room:project:13', 'unsubscribe room:project:13'],
  ]);
});

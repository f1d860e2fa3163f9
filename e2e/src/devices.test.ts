import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectChromium } from '../../testing/chromium.ts';
import type { Device, Line, View } from './device.ts';
import { databases, World } from './world.ts';

// Four browsers at once take their time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

// High enough for all rows, since of a list only what can be seen is rendered.
const desktop = { viewport: { width: 1280, height: 8_000 } };
const handheld = { viewport: { width: 390, height: 8_000 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true };

let browser: Browser;
beforeAll(async () => {
  browser = await connectChromium();
});
afterAll(() => browser.close());

const inAWhile = (ms: number): string => new Date(Date.now() + ms).toISOString();
const alice = { user: 'alice' };
const choices = [
  { id: 'approve', label: 'Approve', style: 'primary' as const },
  { id: 'reject', label: 'Reject' },
];

/** The history before anybody looked: notifications, and what was done with them. */
async function history(world: World): Promise<void> {
  const { sender } = world;
  await sender.users.setRoles('alice', ['staff', 'approvers']);
  await sender.users.setRoles('bob', ['staff', 'approvers', 'auditors']);
  await world.tell(alice, 'Password changed');
  await world.tell(alice, 'Plan the year', { category: 'Planning' });
  await world.tell({ role: 'auditors' }, 'The audit begins in May', { category: 'Audit' });
  await world.tell({ role: 'staff' }, 'Staff meeting on Tuesday', { category: 'Events' });
  await world.tell(alice, 'Wrong amount', { category: 'Invoices', notification_type: 'error' });
  await world.tell(alice, 'Draft of the plan', { message: 'Version 1', category: 'Planning' });
  await world.tell(alice, 'Comments on the budget', { message: '1 comment', collapse_key: 'comments' });
  for (let n = 1; n <= 24; n++)
    await world.tell(alice, `Invoice ${n} is paid`, { category: 'Invoices', notification_type: 'success' });
  await world.tell({ role: 'approvers' }, 'Transfer 77', { message: 'Release it?', actions: choices });
  await sender.tasks.report('import-7', {
    owner: 'alice',
    status: 'processing',
    progress: 40,
    step: 'Check the lines',
  });
  await world.tell(alice, 'Import of the budget', { task_id: 'import-7' });
  await world.tell({ everyone: true }, 'The office closes at five', { notification_type: 'warning' });
  await sender.notify({ to: alice, type: 'user_message', message: 'Do not forget the handbook' });
  await sender.notify({ to: alice, type: 'user_file', data: { file_url: '/files/q3.zip', file_size: 184_320 } });

  await world.act('alice', 'archive', { ids: [world.id('Password changed')] });
  await world.act('alice', 'snooze', { ids: [world.id('Plan the year')], until: inAWhile(86_400_000) });
  await world.act('alice', 'read', { ids: [2, 3, 20, 22].map((n) => world.id(`Invoice ${n} is paid`)) });
}

/** The desk has left. */
async function whileTheDeskIsAway(world: World): Promise<void> {
  await world.tell(alice, 'Lunch is half price', { expires_at: inAWhile(2_500), category: 'Offers' });
  await world.tell({ role: 'approvers' }, 'Transfer 78', { message: 'Release it?', actions: choices });
  await world.sender.tasks.report('import-7', { progress: 70, step: 'Post the journal' });
}

/** The laptop has left too. */
async function whileTwoAreAway(world: World): Promise<void> {
  await world.sender.notifyMany([1, 2, 3].map((n) => ({ to: alice, title: `Batch ${n}`, category: 'Batches' })));
  await world.tell(alice, 'Comments on the budget', { message: '2 comments', collapse_key: 'comments' });
  await world.tell({ everyone: true }, 'The canteen is open again');
}

/** And then the phone. */
async function whileAllAreAway(world: World): Promise<void> {
  const { sender } = world;
  await sender.notifications.edit(world.id('Draft of the plan'), { title: 'The plan', message: 'Version 2' });
  await sender.notifications.retract(world.id('Wrong amount'));
  await world.tell({ role: 'staff' }, 'Staff meeting on Wednesday', { category: 'Events' });
  await sender.users.setRoles('alice', ['approvers', 'auditors']);
  await world.tell({ role: 'auditors' }, 'The auditors are named', { category: 'Audit' });
  const result = { file_url: '/files/report.txt', file_name: 'report.txt', file_size: 1_240 };
  await sender.tasks.report('import-7', { status: 'completed', progress: 100, result });
  // Last, so that it is the newest when it returns, however long the others took.
  await world.act('alice', 'snooze', { ids: [world.id('Invoice 5 is paid')], until: inAWhile(1_500) });
}

/** Waits until what was offered for a while has expired, and what was put off for a while is back. */
async function timeHasCome(world: World): Promise<void> {
  await vi.waitFor(
    async () => {
      const { items } = await world.inbox('alice');
      expect(items).toContainEqual(expect.objectContaining({ title: 'Lunch is half price', expired: true }));
      expect(items).toContainEqual(expect.objectContaining({ title: 'Invoice 5 is paid' }));
    },
    { timeout: 20_000, interval: 200 },
  );
}

/** The expected lists after that history. */
const expected: Record<View, string[]> = {
  inbox: [
    '• Invoice 5 is paid',
    '• The auditors are named',
    'The canteen is open again',
    'Comments on the budget: 2 comments',
    'Batch 3',
    'Batch 1',
    'Transfer 78: Release it? | Approve | Reject',
    'Lunch is half price: Expired',
    'q3.zip: File ready for download | 184.3 kB | Download',
    'Do not forget the handbook',
    'The office closes at five',
    'Import of the budget: Completed · report.txt · 1.2 kB | Download',
    'Transfer 77: Release it? | Approved by bob',
    '• Invoice 9 is paid',
    'The plan: Version 2',
    'The audit begins in May',
  ],
  archived: ['Batch 2', 'Invoice 6 is paid', 'Invoice 4 is paid', 'Password changed'],
  snoozed: ['Plan the year: Until …'],
};
const inWords = ({ title, isUnread, more }: Line): string =>
  `${isUnread ? '• ' : ''}${title}${more ? `: ${more}` : ''}`;
/** The many that nothing is done with but reading. */
const isPlain = /^Invoice (?![46] )\d+ is paid$/;

/** Waits until a device shows what it should, and tells how long after it began to come back that was, in ms. */
async function caughtUp(world: World, device: Device): Promise<number> {
  await vi.waitFor(
    async () => {
      const [seen, truth] = [await device.screen(), await world.truth(device.user, device.view)];
      const lines = seen.lines.map(({ title, isUnread }) => ({ title, isUnread }));
      expect({ ...seen, lines }, device.name).toEqual(truth);
    },
    { timeout: 20_000, interval: 200 },
  );
  return Date.now() - device.backAt;
}

describe.each(databases)('on $name', ({ make }) => {
  let world: World;
  afterEach(async () => {
    await world.close();
    expect(world.devices.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  test('two browsers and a phone, each away for a while, show one inbox and one badge when they are back', async () => {
    world = await World.start(make);
    await history(world);
    const desk = await world.open(browser, { name: 'desk', user: 'alice', ...desktop });
    const laptop = await world.open(browser, { name: 'laptop', user: 'alice', ...desktop });
    const phone = await world.open(browser, { name: 'phone', user: 'alice', ...handheld });
    const bob = await world.open(browser, { name: 'bob', user: 'bob', ...desktop });
    for (const device of world.devices) await caughtUp(world, device);

    await desk.goOffline();
    await desk.press('Invoice 4 is paid', 'Archive');
    await whileTheDeskIsAway(world);
    await caughtUp(world, laptop);
    laptop.goDark();
    await laptop.press('Invoice 6 is paid', 'Archive');
    await laptop.choose('archived');
    await whileTwoAreAway(world);
    await caughtUp(world, phone);
    await phone.page.getByRole('button', { name: 'Mark all as read' }).tap();
    await phone.press('Batch 2', 'Archive');
    await phone.press('Invoice 9 is paid', 'Mark as unread');
    await caughtUp(world, phone);
    await phone.closePage();
    await whileAllAreAway(world);
    await bob.press('Transfer 77', 'Approve');
    await timeHasCome(world);

    await desk.goOnline();
    const times = [await caughtUp(world, desk)];
    laptop.leaveDark();
    times.push(await caughtUp(world, laptop));
    await phone.openPage();
    times.push(await caughtUp(world, phone));
    console.log(`Caught up after ms: desk ${times[0]}, laptop ${times[1]}, phone, with opening the page, ${times[2]}`);

    for (const view of ['snoozed', 'archived', 'inbox'] as const) {
      for (const device of [desk, laptop, phone]) await device.choose(view);
      for (const device of [desk, laptop, phone]) await caughtUp(world, device);
      const [first, ...others] = await Promise.all([desk, laptop, phone].map((device) => device.screen()));
      expect(others).toEqual([first, first]);
      expect(first?.badge).toBe('Notifications, 3 unread');
      expect(first?.lines.map(inWords).filter((line) => !isPlain.test(line))).toEqual(expected[view]);
    }
    await caughtUp(world, bob);
  });
});

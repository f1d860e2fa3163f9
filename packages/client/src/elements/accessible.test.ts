import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsOf } from '../../../../scripts/axe.js';
import { ElementsBrowser, receive } from './testing/browser.ts';
import type { FrameDraft } from './testing/fake-client.ts';

let browser: ElementsBrowser;
beforeAll(async () => {
  browser = await ElementsBrowser.launch();
}, 60_000);
afterAll(() => browser?.close());

/** Rules about whole pages; these have nothing but the elements. */
const ofPages = ['region', 'landmark-one-main', 'page-has-heading-one'];
/** Rules about the place and size of things. Most others are about names and roles, which no look changes. */
const ofPlace = ['target-size', 'scrollable-region-focusable'];
type Look = [name: string, only: string[] | undefined, media: Parameters<Page['emulateMedia']>[0], dir?: string];
const looks: Look[] = [
  ['light', undefined, { colorScheme: 'light' }],
  ['dark', ['color-contrast', 'link-in-text-block', ...ofPlace], { colorScheme: 'dark' }],
  ['right to left', ofPlace, { colorScheme: 'light' }, 'rtl'],
  // The colours are the reader's own.
  ['forced colours', ofPlace, { forcedColors: 'active' }],
];

const actions = [
  { id: 'approve', label: 'Approve', style: 'primary' },
  { id: 'reject', label: 'Reject', style: 'danger' },
];
const task = {
  ...{
    task_id: 't',
    status: 'processing',
    message: 'Loading',
    progress: 40,
    step: 'Import',
    step_number: 2,
    total_steps: 5,
  },
  ...{ attempt: 1, cancel_requested: false, can_retry: false, eta: '2026-03-02T10:02:01Z' },
};
const note = (id: string, tone: string, more: object = {}): FrameDraft => ({
  ...{ type: 'notification', id, notification_type: tone, title: `Title ${id}`, message: `Message ${id}` },
  ...{ category: tone, data: { url: '/there' }, ...more },
});
const tones = ['success', 'error', 'warning', 'info'].map((tone) => note(tone, tone));
const file = (id: string, more: object = {}): FrameDraft => ({
  ...{
    type: 'user_file',
    id,
    message: 'Ready',
    file_url: `/${id}.zip`,
    file_name: `${id}.zip`,
    file_size: 2_000,
    ...more,
  },
});
const everything: FrameDraft[] = [
  ...tones,
  note('asks', 'warning', { actions }),
  note('runs', 'info', { task }),
  note('failed', 'error', { task: { ...task, status: 'failed', error: 'No disk', can_retry: true } }),
  note('done', 'success', {
    task: { ...task, status: 'completed', result: { file_url: '/f.zip', file_name: 'f.zip' } },
  }),
  file('file'),
  ...Array.from({ length: 40 }, (_, index) => note(`n${index}`, 'info')),
];

const bell = '<tidings-bell></tidings-bell>';
const inbox = '<tidings-inbox></tidings-inbox>';
const toasts = '<tidings-toasts duration="600000"></tidings-toasts>';
const press = (page: Page, name: string | RegExp, role: 'button' | 'tab' = 'button') =>
  page.getByRole(role, { name }).first().click();
const openBell = (page: Page) => press(page, /^Notifications, /);
const act = (page: Page, run: () => unknown) => page.evaluate(run);

const states: Record<string, [body: string, reach: (page: Page) => Promise<unknown>]> = {
  'a bell': [bell, async () => {}],
  'a bell with a count': [bell, (page) => receive(page, ...tones)],
  'the list of a bell, empty': [bell, openBell],
  'the list of a bell, loading': [bell, (page) => act(page, () => window.fake.hold()).then(() => openBell(page))],
  'the list of a bell, failed': [
    bell,
    (page) =>
      act(page, () => {
        window.fake.refusing = true;
      }).then(() => openBell(page)),
  ],
  'the list of a bell, without a connection': [
    bell,
    (page) => act(page, () => window.fake.become({ status: 'reconnecting' })).then(() => openBell(page)),
  ],
  'the list of a bell, full': [
    bell,
    async (page) => {
      await openBell(page);
      await receive(page, ...everything);
      await act(page, () =>
        Promise.all([window.fake.inbox.markRead(['info', 'n3']), window.fake.inbox.answer('asks', 'approve')]),
      );
    },
  ],
  'an inbox with what can be undone': [
    inbox,
    async (page) => {
      await receive(page, ...everything);
      await press(page, 'Mark all as read');
    },
  ],
  'an inbox, unread': [inbox, (page) => receive(page, ...everything).then(() => press(page, /^Unread/, 'tab'))],
  'an inbox, one category': [inbox, (page) => receive(page, ...everything).then(() => press(page, /^Warning/, 'tab'))],
  'an inbox, snoozed': [
    inbox,
    async (page) => {
      await receive(page, ...tones);
      await act(page, () => window.fake.inbox.snooze('error', new Date('2026-03-03T09:00:00Z')));
      await press(page, /^Snoozed/, 'tab');
    },
  ],
  'an inbox, archived': [
    inbox,
    async (page) => {
      await receive(page, ...tones);
      await act(page, () => window.fake.inbox.archive('error'));
      await press(page, /^Archived/, 'tab');
    },
  ],
  'an inbox with a search that finds nothing': [
    inbox,
    async (page) => {
      await receive(page, ...tones);
      await page.getByRole('searchbox').fill('nowhere');
      await page.clock.runFor(500);
    },
  ],
  'toasts of each kind': [toasts, (page) => receive(page, ...tones)],
  'toasts with buttons and progress, and more': [
    toasts,
    async (page) => {
      await receive(page, ...everything.slice(0, 8).filter(({ id }) => id !== 'runs'), note('runs', 'info', { task }));
      await page.getByRole('progressbar').waitFor();
    },
  ],
  'a toast whose button was refused': [
    toasts,
    async (page) => {
      await receive(page, note('asks', 'warning', { actions }));
      await act(page, () => {
        window.fake.refusing = true;
      });
      await press(page, 'Approve');
      await page.getByText('That did not work').first().waitFor();
    },
  ],
  'an unfolded stack': [
    toasts,
    async (page) => {
      await receive(page, ...Array.from({ length: 12 }, (_, index) => note(`n${index}`, 'success')));
      await press(page, /more in your/);
    },
  ],
  'a toast over a modal dialog': [
    `${toasts}<dialog aria-label="of the page"><button>b</button></dialog>`,
    async (page) => {
      await act(page, () => document.querySelector('dialog')?.showModal());
      await receive(page, ...tones);
    },
  ],
  'the dialog of a file, one of three': [
    '<tidings-file-dialog></tidings-file-dialog>',
    (page) => receive(page, file('a'), file('b'), file('c')),
  ],
  'the dialog of a file whose address is none': [
    '<tidings-file-dialog></tidings-file-dialog>',
    (page) => receive(page, file('a', { file_url: 'javascript:alert(1)' })),
  ],
  'a room': [
    '<tidings-presence room="p:1" max="3"></tidings-presence><tidings-activity room="p:1"></tidings-activity><tidings-activity room="p:2"></tidings-activity>',
    (page) =>
      act(page, () => {
        const { fake } = window;
        // They stand on the page's own ground.
        document.body.style.background = 'Canvas';
        const people = Array.from({ length: 9 }, (_, n) => ({ user_id: `${n}`, username: `person ${n}` }));
        const said = people.map((from) => ({ event: 'comment_added', from, data: { text: 'Looks right' } }));
        fake.openRoom('p:1', [...said, { event: 'project_approved' }, ...said, ...said]);
        fake.openRoom('p:2', []);
        const state = Object.fromEntries(people.map(({ user_id, username }) => [user_id, { username, sessions: {} }]));
        fake.apply({ type: 'presence', room: 'p:1', state } as never);
      }),
  ],
  'a room without access': [
    '<tidings-presence room="p:1"></tidings-presence><tidings-activity room="p:1"></tidings-activity>',
    (page) =>
      act(page, () => {
        document.body.style.background = 'Canvas';
        window.fake.openRoom('p:1', [], 'no');
      }),
  ],
  'task cards': [
    ['waits', 'queued', 'processing', 'cancelling', 'waiting', 'completed', 'failed', 'cancelled']
      .map((id) => `<tidings-task task-id="${id}"></tidings-task>`)
      .join(''),
    (page) =>
      act(page, () => {
        const step = { name: 'Import', step: 'Load', step_number: 2, total_steps: 3, progress: 40, message: 'Lines' };
        const { fake } = window;
        for (const status of ['queued', 'processing', 'waiting', 'completed', 'failed', 'cancelled'] as const)
          fake.report(
            status,
            { ...step, status, ...(status === 'failed' && { error: 'No disk' }), result: { file_url: '/f' } },
            60_000,
          );
        fake.report('cancelling', { ...step, status: 'processing', cancel_requested: true });
      }),
  ],
};

it.each(Object.entries(states))('axe-core finds nothing wrong with %s', async (_, [body, reach]) => {
  const { page } = await browser.open(body);
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: null, forcedColors: null });
  await page.evaluate(() => {
    document.title = 'Elements';
    document.documentElement.style.colorScheme = 'light dark';
  });
  await reach(page);
  // It waits for timers.
  await page.clock.resume();
  const faults: string[] = [];
  for (const [look, only, media, dir = 'ltr'] of looks) {
    await page.emulateMedia({ forcedColors: null, ...media });
    await page.evaluate((to) => document.documentElement.setAttribute('dir', to), dir);
    for (const fault of await faultsOf(page, { without: ofPages, only })) faults.push(`${look}: ${fault}`);
  }
  expect(faults).toEqual([]);
});

it('axe-core looks into the elements', async () => {
  const { page } = await browser.open(bell);
  await page.clock.resume();
  await page.evaluate(() => {
    const button = document.querySelector('tidings-bell')?.shadowRoot?.querySelector('button');
    button?.removeAttribute('aria-label');
    button?.querySelector('.badge')?.remove();
  });
  expect((await faultsOf(page)).join()).toContain('button-name: tidings-bell');
});

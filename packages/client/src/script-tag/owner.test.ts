import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectChromium } from '../../../../testing/chromium.ts';
import type { PageScripts } from '../testing/bundles.ts';
import { message, taskFrame } from '../testing/frames.ts';
import { pageScripts, serveScripts } from '../testing/page-scripts.ts';
import { ProtocolServer, type Session } from '../testing/protocol-server.ts';
import { until } from '../testing/until.ts';

let browser: Browser;
let scripts: PageScripts;
let server: ProtocolServer;
let context: BrowserContext;

beforeAll(async () => {
  [browser, scripts] = await Promise.all([connectChromium(), pageScripts()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await ProtocolServer.start(welcome);
  const tag = '<script src="/tidings.js"></script>';
  const elements = '<tidings-bell></tidings-bell><tidings-task task-id="t1"></tidings-task>';
  serveScripts(server, scripts);
  const body = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>p</title><body>${tag}${elements}`;
  server.files.set('/page', { type: 'text/html', body });
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await server.stop();
});

/** A session of whom the cookie names. */
function welcome(session: Session): void {
  const user_id = session.cookie.replace('who=', '');
  session.send({
    ...{ type: 'connection_established', user_id, username: user_id, session_id: 's', roles: [], cursor: null },
    ...{ recovered: session.query.get('cursor') === null, server_time: new Date().toISOString() },
  });
  session.sync('t:0');
}

async function signIn(user: string): Promise<Page> {
  await context.addCookies([{ name: 'who', value: user, url: server.url }]);
  const page = await context.newPage();
  await page.goto(`${server.url}/page`);
  await page.waitForFunction((id) => window.taskNotifications.client.state.user?.id === id, user);
  return page;
}

/** All that a page shows or says, in whatever shadow. */
const textOf = (page: Page) =>
  page.evaluate(() => {
    const deep = (root: ParentNode): string =>
      [...root.querySelectorAll('*')].map((one) => (one.shadowRoot ? deep(one.shadowRoot) : '')).join(' ') +
      ((root as ShadowRoot).textContent ?? '') +
      [...root.querySelectorAll('[aria-label]')].map((one) => one.getAttribute('aria-label')).join(' ');
    return deep(document);
  });

test.each(['toasts, a file and a task', 'the list'])(
  'after a sign-in in another tab and a restart of the server, a tab shows the new user nothing of the old: %s',
  async (what) => {
    const tab = await signIn('alice');
    const alices = server.session;
    if (what === 'the list') await tab.locator('tidings-bell .bell').click();
    alices.send(
      message('m', 1, { message: 'Salary of Alice', cursor: 't:1' }),
      taskFrame('t1', 2, { message: 'Report of Alice' }),
    );
    await tab.getByText('Salary of Alice').first().waitFor({ state: 'attached' });
    await tab.getByText('Report of Alice').first().waitFor();
    if (what !== 'the list') {
      alices.send(message('f', 3, { type: 'user_file', file_url: '/a', file_name: 'alice.pdf', cursor: 't:3' }));
      await tab.getByText('alice.pdf').waitFor();
    }
    expect(await textOf(tab)).toMatch(/[Aa]lice/);

    await signIn('bob');
    alices.close(1012, '{"retry_after_ms":10}');
    await tab.waitForFunction(() => window.taskNotifications.client.state.user?.id === 'bob');
    await until(() => server.sessions.length === 3);
    await tab.waitForFunction(() => window.taskNotifications.client.state.status === 'connected');
    await expect.poll(() => textOf(tab)).not.toMatch(/[Aa]lice/);
    expect(await tab.evaluate(() => window.taskNotifications.client.tasks.getSnapshot().size)).toBe(0);
  },
);

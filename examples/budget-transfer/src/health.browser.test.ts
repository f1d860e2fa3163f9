import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { faultsOf } from '../../../scripts/axe.js';
import { DemoInBrowser, goTo } from './testing/demo-in-browser.ts';

// An incident lasts for some seconds, on purpose.
vi.setConfig({ testTimeout: 90_000 });

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

test('an administrator keeps the server busy, and sees the incident begin and end', async () => {
  const alex = await demo.openAs('Alex Morgan');
  await goTo(alex, 'Health');
  const status = alex.locator('tidings-health').getByRole('status');
  await status.getByText('Everything works').waitFor();
  await alex.getByRole('button', { name: 'Keep the server busy' }).click();
  await status.getByText('Some parts work less well than they should').waitFor();
  await alex.locator('[part=incident] [part=open]').waitFor();
  await alex.locator('[part=incident] [part=over]').waitFor({ timeout: 40_000 });
  expect(await alex.locator('[part=incident] [part=reason]').first().textContent()).toMatch(
    /^the event loop was blocked/,
  );
  await alex.emulateMedia({ reducedMotion: 'reduce' });
  expect(await faultsOf(alex)).toEqual([]);
  expect(demo.complaints).toEqual([]);
});

test('health is a part of the page for administrators only', async () => {
  const maria = await demo.openAs('Maria Chen');
  expect(await maria.getByRole('navigation').getByRole('link', { name: 'Health' }).count()).toBe(0);
  expect(await maria.evaluate(() => fetch('/busy', { method: 'POST' }).then(({ status }) => status))).toBe(403);
});

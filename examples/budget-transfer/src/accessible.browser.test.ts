import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { faultsOf } from '../../../scripts/axe.js';
import { DemoInBrowser } from './testing/demo-in-browser.ts';

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let demo: DemoInBrowser;
let page: Page;

beforeAll(async () => {
  browser = await DemoInBrowser.launch();
  demo = await DemoInBrowser.start(browser);
  page = await demo.openAs('Maria Chen');
  await page.emulateMedia({ reducedMotion: 'reduce' });
});
afterAll(async () => {
  await demo.close();
  await browser.close();
});

/** Faults of the page, light and dark. */
async function faults(): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const fault of await faultsOf(page)) found.push(`${colorScheme}: ${fault}`);
  }
  return found;
}

test('axe-core finds nothing wrong with the demo', async () => {
  expect(await faults()).toEqual([]);
});

test('axe-core finds nothing wrong with the demo, its list open', async () => {
  await page.locator('tidings-bell .bell').click();
  await page.locator('tidings-bell .pane').waitFor();
  expect(await faults()).toEqual([]);
});

test.each(['/test', '/docs'])('axe-core finds nothing wrong with %s', async (path) => {
  await page.goto(new URL(path, page.url()).href, { waitUntil: 'networkidle' });
  expect(await faults()).toEqual([]);
});

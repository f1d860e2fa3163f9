import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleCore } from '../testing/bundles.ts';
import { pageScripts } from '../testing/page-scripts.ts';

const kilobyte = 1024;
/** Minified and compressed, in bytes. */
const sizeOf = (code: string) => gzipSync(code, { level: 9 }).length;

test('the client without elements is at most 8 KB, and tells why it has no connection with 2 KB more', async () => {
  const { atOnce, later } = await bundleCore();
  expect(sizeOf(atOnce)).toBeLessThanOrEqual(8 * kilobyte);
  expect(sizeOf(later)).toBeLessThanOrEqual(2 * kilobyte);
});

test('what a page loads with the script tag is at most 22 KB', async () => {
  expect(sizeOf((await pageScripts()).tidings)).toBeLessThanOrEqual(22 * kilobyte);
});

test('what shows toasts and files, loaded once the page is connected, is at most 6 KB', async () => {
  expect(sizeOf((await pageScripts())['tidings-news'])).toBeLessThanOrEqual(6 * kilobyte);
});

test('what a page loads where no WebSocket gets through is at most 3 KB', async () => {
  expect(sizeOf((await pageScripts())['tidings-transports'])).toBeLessThanOrEqual(3 * kilobyte);
});

test('what opening the inbox loads besides is at most 21 KB, and what a page with a task card does at most 3 KB, one with a room at most 6, and one with the health at most 7', async () => {
  expect(sizeOf((await pageScripts())['tidings-inbox'])).toBeLessThanOrEqual(21 * kilobyte);
  expect(sizeOf((await pageScripts())['tidings-task'])).toBeLessThanOrEqual(3 * kilobyte);
  expect(sizeOf((await pageScripts())['tidings-room'])).toBeLessThanOrEqual(6 * kilobyte);
  expect(sizeOf((await pageScripts())['tidings-health'])).toBeLessThanOrEqual(7 * kilobyte);
});

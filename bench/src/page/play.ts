import type { Browser, CDPSession, Page } from 'playwright-core';
import type { BuildServer } from './server.ts';

/** Figures of a page whose list was open while notifications arrived. */
export interface PageFigures {
  /** Milliseconds that the main thread was at work, all told, and what of it was scripts, styles and layout. */
  mainThread: number;
  script: number;
  layout: number;
  /** The longest task, milliseconds; 0 if none was longer than 50. */
  longestTask: number;
  longTasks: number;
  /** From the first publish until the page had heard all, milliseconds. */
  heardAfter: number;
  /** The number of times each action was sent. */
  actions: Record<string, number>;
}

interface BenchWindow {
  heard: number;
  long: number[];
  taskNotifications: {
    ws: { readyState: number };
    on(type: string, handler: (frame: { title?: string; timestamp?: string }) => void): void;
    client: { inbox: { getSnapshot(): { items: unknown[]; hasMore: boolean }; loadMore(): Promise<void> } };
  };
}
/** The quiet time after which the play counts as over, and the longest it may take, milliseconds. */
const [quiet, limit] = [2_000, 240_000];

/** Opens the bell over so many rows, lets notifications arrive within a second, and measures until the page is quiet again. */
export async function play(browser: Browser, server: BuildServer, rows: number, count: number): Promise<PageFigures> {
  if (rows) await server.publish({ count: rows, milliseconds: 0 });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(limit);
  await page.goto(`${server.url}/page`);
  await page.waitForFunction(() => (globalThis as unknown as BenchWindow).taskNotifications.ws.readyState === 1);
  await page.locator('tidings-bell button').first().click();
  await page.locator('tidings-bell .pane').waitFor();
  if (rows) await page.evaluate(loadAll);
  await page.waitForTimeout(quiet);

  const devTools = await context.newCDPSession(page);
  const actions = await countActions(devTools);
  await page.evaluate(watch);
  const before = await metrics(devTools);
  const started = performance.now();
  await server.publish({ count, milliseconds: 1_000 });
  const heardAfter = await untilHeard(page, count, started);
  await untilQuiet(page);
  const after = await metrics(devTools);
  const long = await page.evaluate(() => (globalThis as unknown as BenchWindow).long);
  await context.close();
  const spent = (...names: string[]) =>
    names.reduce((sum, name) => sum + 1_000 * ((after[name] ?? 0) - (before[name] ?? 0)), 0);
  return {
    ...{ mainThread: spent('TaskDuration'), script: spent('ScriptDuration') },
    layout: spent('LayoutDuration', 'RecalcStyleDuration'),
    ...{ longestTask: Math.max(0, ...long), longTasks: long.length, heardAfter, actions },
  };
}

async function loadAll(): Promise<void> {
  const { inbox } = (globalThis as unknown as BenchWindow).taskNotifications.client;
  while (inbox.getSnapshot().hasMore) await inbox.loadMore();
}

function watch(): void {
  const win = globalThis as unknown as BenchWindow;
  Object.assign(win, { heard: 0, long: [] });
  const started = Date.now();
  // A page that is too slow loses its connection, and hears the rest as a replay.
  win.taskNotifications.on('*', ({ title, timestamp = '' }) => {
    if (title && Date.parse(timestamp) >= started) win.heard += 1;
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) win.long.push(duration);
  }).observe({ entryTypes: ['longtask' as never] });
}

async function metrics(devTools: CDPSession): Promise<Record<string, number>> {
  const { metrics: all } = await devTools.send('Performance.getMetrics');
  return Object.fromEntries(all.map(({ name, value }) => [name, value]));
}

async function countActions(devTools: CDPSession): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  await devTools.send('Performance.enable');
  await devTools.send('Network.enable');
  devTools.on('Network.webSocketFrameSent', ({ response }) => {
    const { action = response.payloadData } = JSON.parse(response.payloadData) as { action?: string };
    counts[action] = (counts[action] ?? 0) + 1;
  });
  return counts;
}

async function untilHeard(page: Page, count: number, started: number): Promise<number> {
  for (;;) {
    const heard = await page.evaluate(() => (globalThis as unknown as BenchWindow).heard);
    const after = performance.now() - started;
    if (heard >= count) return after;
    if (after > limit) throw new Error(`the page heard ${heard} of ${count} in ${limit / 1_000} s`);
    await page.waitForTimeout(250);
  }
}

/** Waits until no long task has ended for a while. A page that is at work answers late, which counts as not quiet. */
async function untilQuiet(page: Page): Promise<void> {
  const end = performance.now() + limit;
  for (let known = -1; performance.now() < end; ) {
    const now = await page.evaluate(() => (globalThis as unknown as BenchWindow).long.length);
    if (now === known) return;
    known = now;
    await page.waitForTimeout(quiet);
  }
}

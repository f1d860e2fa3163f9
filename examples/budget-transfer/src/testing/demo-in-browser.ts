import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { connectChromium } from '../../../../testing/chromium.ts';
import { prepared } from '../../../../testing/prepared.ts';
import { type Demo, type DemoOptions, startDemo } from '../demo.ts';

/** The demo, and browsers of people who use it. */
export class DemoInBrowser {
  /** Errors in the browsers: a violated content security policy, a script that fails, a request that is refused. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #demo: Demo;
  readonly #contexts: BrowserContext[] = [];

  private constructor(browser: Browser, folder: string, demo: Demo) {
    this.#browser = browser;
    this.#folder = folder;
    this.#demo = demo;
  }

  static launch(): Promise<Browser> {
    return connectChromium();
  }

  static async start(browser: Browser, changes: Partial<DemoOptions> = {}): Promise<DemoInBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
    prepared(join(folder, '.tidings', 'dev.db'));
    const listen = { port: 0, next: false };
    const demo = await startDemo({ folder, listen, erp: null, stepSeconds: 0.1, reportSeconds: 600, ...changes });
    return new DemoInBrowser(browser, folder, demo);
  }

  /** Opens the demo in a browser of its own, as somebody. */
  async openAs(name: string, size?: { width: number; height: number }): Promise<Page> {
    const context = await this.#browser.newContext(size ? { viewport: size } : {});
    context.setDefaultTimeout(12_000);
    this.#contexts.push(context);
    const page = await this.open(context);
    await page.getByRole('button', { name }).click();
    await isLive(page);
    return page;
  }

  /** Opens it in one more tab of a browser. */
  async open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (line) => line.type() === 'error' && this.complaints.push(line.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    await page.goto(this.#demo.url);
    return page;
  }

  async close(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#demo.close();
    rmSync(this.#folder, { recursive: true });
  }
}

export const isLive = (page: Page): Promise<void> => page.locator('#connection', { hasText: 'Live' }).waitFor();

/** Submits one of the files that come with the demo. */
export async function submit(page: Page, example: string): Promise<void> {
  await page.getByText(example, { exact: true }).click();
  await page.locator('.preview table').waitFor();
  await page.getByRole('button', { name: /^Submit/ }).click();
}

/** Goes to a part of the page. */
export const goTo = (page: Page, view: string): Promise<void> =>
  page.getByRole('navigation').getByRole('link', { name: view }).click();

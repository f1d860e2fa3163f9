import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';
import { connectChromium } from '../../../../../testing/chromium.ts';
import { askAt } from '../../../../../testing/door.ts';
import type { FrameDraft } from './fake-client.ts';

const policy = "default-src 'none'; script-src 'self'; img-src data:; base-uri 'none'";
const html = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><script type="module" src="/elements.js"></script><body>`;

declare global {
  interface Window {
    /** The browser's own, which the clock of the tests replaces. */
    drawn: [typeof requestAnimationFrame, typeof cancelAnimationFrame];
  }
}

/** A page with elements in it. */
export interface Tab {
  page: Page;
  /** Errors of the page, and violations of its content security policy. */
  complaints: string[];
}

/** Something arrives for the page's `fake`, and is drawn. */
export function receive(page: Page, ...drafts: FrameDraft[]): Promise<void> {
  return page.evaluate((all) => {
    for (const draft of all) window.fake.receive(draft);
    return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())));
  }, drafts);
}

/** The elements in a browser, for the tests of one file. */
export class ElementsBrowser {
  readonly #browser: Browser;
  readonly #server: Server;
  #tab: Promise<Tab> | undefined;

  constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async launch(): Promise<ElementsBrowser> {
    const [script, browser] = await Promise.all([askAt(inject('elementsDoor')), connectChromium()]);
    return new ElementsBrowser(browser, await serve(script));
  }

  /** Of the pages. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * The one tab of this browser, loaded anew with these elements in it, each with the page's `fake` as its client, under a policy that
   * forbids inline styles and scripts. The clock stands still until a test moves it. A tab of its own for each test takes three times as long.
   */
  async open(body: string): Promise<Tab> {
    this.#tab ??= this.newContext().then(newTab);
    const tab = await this.#tab;
    // A page that a test has opened by a link would stay in front, and a page behind it draws only a frame a second.
    const others = tab.page
      .context()
      .pages()
      .filter((page) => page !== tab.page);
    await Promise.all(others.map((page) => page.close()));
    await this.#load(tab, body);
    return tab;
  }

  /** One more tab, as `open` has it; tabs of one context belong to one person. */
  async openIn(context: BrowserContext, body: string): Promise<Tab> {
    const tab = await newTab(context);
    await this.#load(tab, body);
    return tab;
  }

  async newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options);
    // Frames are drawn though the clock stands still.
    await context.addInitScript(() => {
      window.drawn = [requestAnimationFrame.bind(window), cancelAnimationFrame.bind(window)];
    });
    return context;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }

  async #load({ page, complaints }: Tab, body: string): Promise<void> {
    // A page may take long to load, and time cannot be stopped at a moment that has passed.
    await page.clock.install({ time: new Date('2026-03-02T09:59:01Z') });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.mouse.move(0, 0);
    complaints.length = 0;
    await page.goto(`${this.origin}/app/page`);
    await page.clock.pauseAt(new Date('2026-03-02T10:00:01Z'));
    await page.evaluate((content) => {
      [window.requestAnimationFrame, window.cancelAnimationFrame] = window.drawn;
      document.body.innerHTML = content;
      for (const one of document.body.children) Object.assign(one, { client: window.fake });
    }, body);
  }
}

/** The page, whatever its path. The browser keeps the script, which it would fetch and compile anew for each test if it were routed. */
async function serve(script: string): Promise<Server> {
  const server = createServer(({ url }, response) =>
    url === '/elements.js'
      ? response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=3600' }).end(script)
      : response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(html),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function newTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

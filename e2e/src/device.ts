import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { FaultProxy } from './faults/fault-proxy.ts';

/** One line of a list of notifications, as it is read. */
export interface Line {
  title: string;
  isUnread: boolean;
  /** Further text and buttons, without times that pass. */
  more?: string;
}

export type View = 'inbox' | 'archived' | 'snoozed';
const tabs: Record<View, string> = { inbox: 'All', archived: 'Archived', snoozed: 'Snoozed' };

/** The screen of a device. */
export interface Screen {
  /** The accessible name of the bell. */
  badge: string;
  /** The tabs that have a number. */
  counts: Record<string, number>;
  lines: Line[];
}

/** A browser of one person with storage of its own, and the network between it and the server. */
export class Device {
  readonly name: string;
  /** Errors in the browser, but for the network's failures while it was away. */
  readonly complaints: string[] = [];
  readonly user: string;
  /** The time when it began to come back, ms since 1970. */
  backAt = 0;
  /** The view of the inbox that is open, by its name in the REST interface. */
  view: View = 'inbox';
  readonly #context: BrowserContext;
  readonly #proxy: FaultProxy;
  #page!: Page;
  /** The network as its page knows it: what was asked for while it was away fails later, until the page is connected again. */
  #network: 'there' | 'away' | 'coming back' = 'there';
  #lighten = () => {};

  private constructor(name: string, user: string, context: BrowserContext, proxy: FaultProxy) {
    this.name = name;
    this.user = user;
    this.#context = context;
    this.#proxy = proxy;
  }

  static async open(
    browser: Browser,
    { name, user, port, ...options }: { name: string; user: string; port: number } & BrowserContextOptions,
  ): Promise<Device> {
    const context = await browser.newContext(options);
    const proxy = await FaultProxy.before(port, { jitter: 0, slice: 65_536 });
    const device = new Device(name, user, context, proxy);
    await device.openPage();
    return device;
  }

  get page(): Page {
    return this.#page;
  }

  /** Opens the page anew, and waits until it is connected. */
  async openPage(): Promise<void> {
    this.backAt = Date.now();
    this.view = 'inbox';
    this.#page = await this.#context.newPage();
    this.#page.on('pageerror', (error) => this.complaints.push(error.message));
    this.#page.on('console', (line) => {
      if (this.#network === 'coming back' && / connected$/.test(line.text())) this.#network = 'there';
      const isExcused = this.#network !== 'there' && /net::ERR_|WebSocket connection to/.test(line.text());
      if (line.type() === 'error' && !isExcused) this.complaints.push(line.text());
    });
    const connected = this.#page.waitForEvent('console', (line) => line.text() === 'WebSocket connected');
    await this.#page.goto(`${this.#proxy.url}/?${this.user}`);
    await connected;
  }

  closePage(): Promise<void> {
    return this.#page.close();
  }

  /** Leaves the network, as in flight mode: the browser knows, and all connections are cut. */
  async goOffline(): Promise<void> {
    this.#network = 'away';
    await this.#context.setOffline(true);
    this.#proxy.resetAll();
  }

  async goOnline(): Promise<void> {
    this.backAt = Date.now();
    this.#network = 'coming back';
    await this.#context.setOffline(false);
  }

  /** Loses the network as in a tunnel: nothing gets through, and nobody is told. */
  goDark(): void {
    this.#network = 'away';
    this.#lighten = this.#proxy.goDark();
  }

  leaveDark(): void {
    this.backAt = Date.now();
    this.#network = 'coming back';
    this.#lighten();
  }

  /** Looks at a part of the inbox. */
  async choose(view: View): Promise<void> {
    this.view = view;
    await this.#page.locator('tidings-inbox').getByRole('tab', { name: tabs[view] }).click();
  }

  /** Presses a button of one line. */
  async press(title: string, button: string): Promise<void> {
    const line = this.#page.locator('tidings-inbox .item', { has: this.#page.getByText(title, { exact: true }) });
    await line.hover();
    await line.getByRole('button', { name: button, exact: true }).click();
  }

  screen(): Promise<Screen> {
    return this.#page.evaluate(readScreen);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.#proxy.stop();
  }
}

/** Runs in the page. */
function readScreen(): Screen {
  const within = (element: string, selector: string) => [
    ...(document.querySelector(element)?.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? []),
  ];
  const textOf = (element: Element | null | undefined) =>
    element?.textContent?.replace(/[\s\u2068\u2069]+/g, ' ').trim() ?? '';
  const tabs = within('tidings-inbox', '.tab:has(.count)');
  return {
    badge: within('tidings-bell', '.bell')[0]?.ariaLabel ?? '',
    counts: Object.fromEntries(
      tabs.map((tab) => [textOf(tab.querySelector('bdi')), Number(textOf(tab.querySelector('.count')))]),
    ),
    lines: within('tidings-inbox', '.list .item').map((line) => ({
      title: textOf(line.querySelector('.title')),
      isUnread: line.matches('.unread'),
      more: [...line.querySelectorAll('.message, .note, .answer, .live:not(.buttons, .answer), .buttons > *')]
        .map((part) =>
          textOf(part)
            .replace(/ ?, ([^,]* ago|now)$/, '')
            .replace(/(?<=^Until ).*/, '…'),
        )
        .join(' | '),
    })),
  };
}

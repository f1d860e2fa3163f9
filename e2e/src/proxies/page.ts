import type { Browser, Page } from 'playwright-core';

/** The messages that a page heard, by its means. */
interface Heard {
  socket: string[];
  events: string[];
}

/** Runs in the page. Follows by as many WebSockets as twelve tabs have and by an EventSource, and runs an action. */
async function followInPage(token: string) {
  const heard: Heard = { socket: [], events: [] };
  const noteIn = (list: string[]) => (event: MessageEvent) => {
    const { type, message } = JSON.parse(event.data);
    if (type === 'user_message') list.push(message);
  };
  for (let tab = 1; tab <= 12; tab++) {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/?token=${token}`, 'tidings.v1');
    socket.onmessage = noteIn(heard.socket);
  }
  new EventSource(`/api/v1/events?token=${token}`).onmessage = noteIn(heard.events);
  Object.assign(globalThis, { heard });
  const response = await fetch(`/api/v1/actions?token=${token}`, {
    ...{ method: 'POST', body: '{"action":"list","ref":1}', headers: { 'content-type': 'application/json' } },
  });
  await response.text();
  const [entry] = performance.getEntriesByName(response.url) as PerformanceResourceTiming[];
  return { status: response.status, protocol: entry?.nextHopProtocol };
}

/** A page at the origin of a proxy. */
export class ProxiedPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async at(url: string, browser: Browser): Promise<ProxiedPage> {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(`${url}/api/v1/whoami`);
    return new ProxiedPage(page);
  }

  /** @returns the status of the action, and the version of HTTP that it went by */
  follow(token: string): Promise<{ status: number; protocol: string | undefined }> {
    return this.#page.evaluate(followInPage, token);
  }

  heard(): Promise<Heard> {
    return this.#page.evaluate('heard');
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

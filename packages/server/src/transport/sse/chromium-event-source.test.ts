import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectChromium } from '../../../../../testing/chromium.ts';
import { RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

let browser: Browser;
let page: Page;
let server: RunningServer;
beforeAll(async () => {
  browser = await connectChromium();
  server = await RunningServer.start();
  page = await browser.newPage();
  await page.route(`${server.url}/of-the-application`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>An application</title>' }),
  );
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const say = (message: string) => server.tidings.notify({ to: { user: '42' }, type: 'user_message', message });
const received = () => page.evaluate(() => (globalThis as never as { received: string[] }).received);

test('Chromium’s own EventSource with the cookie follows across a restart, and stops where the token is revoked', async () => {
  await page.goto(`${server.url}/of-the-application`);
  await page.evaluate(
    async (jwt) => {
      await fetch('/api/v1/session', { method: 'POST', headers: { authorization: `Bearer ${jwt}` } });
      const received: string[] = [];
      const source = new EventSource('/api/v1/events');
      source.onmessage = ({ data }) => {
        const { type, message, recovered, cursor } = JSON.parse(data);
        if (type === 'connection_established')
          received.push(`${recovered ? 'recovered' : 'lost'}, ${cursor ? 'resumed' : 'new'}`);
        if (type === 'user_message') received.push(message);
      };
      source.addEventListener('closed', (event) => {
        received.push(`closed with ${JSON.parse((event as MessageEvent).data).code}`);
      });
      source.onerror = () => source.readyState === EventSource.CLOSED && received.push('given up');
      Object.assign(globalThis, { received });
    },
    token({ sub: '42' }),
  );
  await expect.poll(received).toEqual(['recovered, new']);
  await say('one');
  await expect.poll(received).toEqual(['recovered, new', 'one']);
  await server.restart(() => say('while nobody hears'));
  const before = ['recovered, new', 'one', 'closed with 1012', 'recovered, resumed', 'while nobody hears'];
  await expect.poll(received).toEqual(before);
  await say('three');
  await expect.poll(received).toEqual([...before, 'three']);
  await server.call('POST', '/api/v1/tokens/revoke', { user: '42' });
  const after = [...before, 'three', 'closed with 4401', 'given up'];
  await expect.poll(received).toEqual(after);
}, 60_000);

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectChromium } from '../../../testing/chromium.ts';
import { documented, installed } from '../documents.ts';
import { ServerProcess } from '../server-process.ts';
import { type Follower, type Frame, followerProcess } from './follower.ts';
import { breaks, faultless, type StartFollower, silence, tryFollowers } from './trial.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const shown = (heading: string) => documented('event-streams.md', heading, 'js');

let browser: Browser;
beforeAll(async () => {
  browser = await connectChromium();
});
afterAll(() => browser.close());

/** A loop in a process of Node, with a package that has another name here than in the document. */
function inNode(heading: string, packageName: string): StartFollower {
  const code = `${shown(heading).replace("'eventsource'", `'${packageName}'`)}
    const [url, token] = process.argv.slice(1);
    const hear = (frame) => console.log(JSON.stringify(frame));
    follow(url, token, hear).catch(({ message }) => hear({ type: 'end', error: message }));`;
  const program = { file: process.execPath, args: ['--input-type=module', '-e', code], cwd: here };
  return (url, token) => followerProcess(program, url, token);
}

const fetchEventSource = '@microsoft/fetch-event-source';
const modules = fileURLToPath(new URL('./', import.meta.resolve(fetchEventSource.concat('/lib/esm/index.js'))));

/** A loop in a page of the server's origin, whose user is signed in by the cookie. */
function inPage(heading: string, call: string): StartFollower {
  const html = `<!doctype html><script type="importmap">{"imports": {"${fetchEventSource}": "/modules/index"}}</script>
    <script type="module">${shown(heading)}
    window.begin = (url, token) => void ${call}.catch(({ message }) => heard({ type: 'end', error: message }));
    window.isReady = true;</script>`;
  return async (url, token) => {
    const page = await browser.newPage();
    const frames: Frame[] = [];
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.exposeFunction('heard', (frame: Frame) => frames.push(frame));
    await page.route(`${url}/of-the-application`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.route(`${url}/modules/*`, (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1);
      return route.fulfill({ contentType: 'text/javascript', body: readFileSync(`${modules}${name}.js`) });
    });
    await page.goto(`${url}/of-the-application`);
    await page.waitForFunction('window.isReady');
    await page.evaluate(
      async ({ url, token }) => {
        await fetch('/api/v1/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
        (globalThis as never as { begin: (url: string, token: string) => void }).begin(url, token);
      },
      { url, token },
    );
    const follower: Follower = { frames, problems, end: () => page.close() };
    return follower;
  };
}

test.each(['eventsource 3, 4 and 5 (npm)', 'eventsource 2 (npm)', '@microsoft/fetch-event-source 2'])(
  'the line that installs what the loop with %s needs',
  (heading) => {
    const imported = [...shown(heading).matchAll(/from '([^']+)'/g)].map(([, name]) => name as string);
    const packages = installed('event-streams.md', heading, 'npm install').map((one) => one.replace(/(?<=.)@.*$/, ''));
    expect(packages).toEqual(imported.filter((name) => !name.startsWith('node:')));
  },
);

describe.concurrent('common clients with the loops that the documents show', () => {
  test.each([
    ['kill -9, a 502, a restart and a quiet time', breaks],
    ['the silence of a proxy that keeps dead connections open', silence],
  ])(
    'go through %s: lost 0, twice 0, out of order 0; and end when their tokens are revoked',
    async (_name, play) => {
      const server = await ServerProcess.start();
      onTestFinished(() => server.end());
      const starts = {
        'a browser’s EventSource': inPage("A browser's EventSource, with the cookie", 'follow(url, heard)'),
        'eventsource 5': inNode('eventsource 3, 4 and 5 (npm)', 'eventsource5'),
        'eventsource 4': inNode('eventsource 3, 4 and 5 (npm)', 'eventsource4'),
        'eventsource 3': inNode('eventsource 3, 4 and 5 (npm)', 'eventsource3'),
        'eventsource 2': inNode('eventsource 2 (npm)', 'eventsource2'),
        'fetch-event-source 2': inPage('@microsoft/fetch-event-source 2', 'follow(url, token, heard)'),
      };
      for (const [name, { accepted, ...account }] of Object.entries(await tryFollowers(server, starts, play))) {
        expect(accepted, name).toBeGreaterThan(60);
        expect(account, name).toEqual(faultless);
      }
    },
    240_000,
  );
});

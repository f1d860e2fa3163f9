import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { type Desktop, noBrowser, openBrowser } from './open-browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'open-browser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const desktop = (environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): Desktop => ({
  ...{ platform, environment, isTerminal: true },
});

test.each<[string, Desktop, string | null]>([
  ['a Mac', desktop({}, 'darwin'), null],
  ['Windows', desktop({}, 'win32'), null],
  ['a Linux desktop with a browser of choice', desktop({ DISPLAY: ':0', BROWSER: 'lynx' }), null],
  ['a Linux desktop without a browser', desktop({ WAYLAND_DISPLAY: 'wayland-0', PATH: '' }), 'no browser was found'],
  ['a Linux server', desktop({ PATH: '/usr/bin' }), 'this machine has no desktop'],
  ['a terminal over ssh', desktop({ SSH_CONNECTION: '1 2 3 4' }, 'darwin'), 'another machine'],
  ['a build', desktop({ CI: 'true' }, 'darwin'), 'nobody is at a terminal'],
  ['a pipe', { ...desktop({}, 'darwin'), isTerminal: false }, 'nobody is at a terminal'],
])('on %s', async (_place, place, expected) => {
  const reason = await noBrowser(place);
  if (expected === null) expect(reason).toBeNull();
  else expect(reason).toContain(expected);
});

test('where no browser can be opened the address is told', async () => {
  expect(await openBrowser('http://127.0.0.1:8000', desktop({}))).toMatch(
    /: open http:\/\/127\.0\.0\.1:8000 yourself\.$/,
  );
});

test.runIf(process.platform === 'linux')('the browser of choice is given the address', async () => {
  const [browser, opened] = [join(folder, 'browser'), join(folder, 'opened')];
  writeFileSync(browser, `#!/bin/sh\necho "$1" > ${opened}.draft && mv ${opened}.draft ${opened}\n`);
  chmodSync(browser, 0o755);
  vi.stubEnv('DISPLAY', ':0');
  vi.stubEnv('BROWSER', browser);
  // Without what is installed on this machine, whose choice would come first.
  for (const name of ['XDG_DATA_DIRS', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME']) vi.stubEnv(name, folder);
  const written = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(opened)) return;
      watcher.close();
      resolve();
    });
  });
  try {
    const place = desktop({ DISPLAY: ':0', BROWSER: browser });
    expect(await openBrowser('http://127.0.0.1:8000', place)).toContain('Opened in your browser');
    await written;
  } finally {
    vi.unstubAllEnvs();
  }
  expect(readFileSync(opened, 'utf8')).toBe('http://127.0.0.1:8000\n');
});

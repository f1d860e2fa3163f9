import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { devOptions, readDevFile, saveDevUrl } from './dev.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-dev-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps secrets and address in .tidings, between runs, unknown to git', () => {
  const first = devOptions(folder);
  saveDevUrl(folder, 'http://127.0.0.1:8003');
  expect(devOptions(folder)).toEqual(first);
  expect(readDevFile(folder)).toEqual({
    url: 'http://127.0.0.1:8003',
    api_key: first.auth?.apiKeys?.[0],
    jwt_secret: first.auth?.jwtSecret,
    callback_secret: first.callbacks?.secret,
  });
  expect(first.callbacks?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(readFileSync(join(folder, '.tidings', '.gitignore'), 'utf8')).toBe('*\n');
});

it('adds what an earlier version did not keep, and changes nothing else', () => {
  devOptions(folder);
  const { callback_secret: _new, ...old } = readDevFile(folder) ?? {};
  writeFileSync(join(folder, '.tidings', 'dev.json'), JSON.stringify(old));
  const callbackSecret = devOptions(folder).callbacks?.secret;
  expect(readDevFile(folder)).toEqual({ ...old, callback_secret: callbackSecret });
  expect(devOptions(folder).callbacks?.secret).toBe(callbackSecret);
});

it.skipIf(process.platform === 'win32')('lets nobody else read the secrets', () => {
  devOptions(folder);
  expect(statSync(join(folder, '.tidings', 'dev.json')).mode & 0o777).toBe(0o600);
});

it.each(['', '{"url":1}', '{"url":"http://127.0.0.1:8000","api_key":"","jwt_secret":""}'])(
  'says what to do about a damaged file: %j',
  (text) => {
    devOptions(folder);
    writeFileSync(join(folder, '.tidings', 'dev.json'), text);
    expect(() => devOptions(folder)).toThrow(/dev\.json is damaged; delete it/);
  },
);

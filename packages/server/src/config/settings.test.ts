import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SettingName, settings } from './settings.ts';
import { readSettings } from './sources.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = Object.keys(settings) as SettingName[];
const read = (flags: Record<string, unknown>, environment: Record<string, string> = {}) =>
  readSettings(names, { flags, environment });

function fileOf(text: string): string {
  const path = join(folder, 'tidings.json');
  writeFileSync(path, text);
  return path;
}

it('lets a flag beat the environment beat the file', () => {
  const config = fileOf('{"port": 1, "host": "file", "adminRole": "file", "apiKey": ["k1", "k2"]}');
  expect(read({ port: '3', config }, { TIDINGS_PORT: '2', TIDINGS_HOST: 'environment' })).toEqual({
    ...{ port: 3, host: 'environment', adminRole: 'file', apiKey: ['k1', 'k2'] },
  });
});

it('finds the file by its variable, and passes over variables that are empty', () => {
  expect(read({}, { TIDINGS_CONFIG: fileOf('{"port": 1}'), TIDINGS_PORT: '' })).toEqual({ port: 1 });
});

it('reads lists of origins and of keys', () => {
  const values = read({ allowedOrigins: ['https://a.example, http://b.example:81'], apiKey: ['one', 'two'] });
  expect(values).toEqual({ allowedOrigins: ['https://a.example', 'http://b.example:81'], apiKey: ['one', 'two'] });
});

it.each([
  [{ port: '80a' }, /^--port must be a whole number from 0 to 65535; got "80a"$/],
  [{ port: '70000' }, /^--port must be a whole number/],
  [{ apiKey: ['two words'] }, /^--api-key must be printable ASCII without spaces$/],
  [{ allowedOrigins: ['app.example.com'] }, /^--allowed-origins must be origins .* got "app\.example\.com"$/],
  [{ jwksUrl: 'ftp://x' }, /^--jwks-url must be a URL/],
  [{ jwtSecret: '' }, /^--jwt-secret must be text, and not empty$/],
  [{ clockTolerance: '1m' }, /^--clock-tolerance must be a whole number from 0 to 86400; got "1m"$/],
  [{ allowedOrigins: ['https://app.example.com/path'] }, /^--allowed-origins must be origins/],
  [{ callbackOrigins: ['*'] }, /^--callback-origins must be origins/],
  [{ logLevel: 'loud' }, /^--log-level must be one of silent, error, warn, info, debug; got "loud"$/],
  [{ redis: 'redis://x' }, /^this version uses no Redis: .* the same PostgreSQL by --database; leave --redis out$/],
])('says what a flag must be: %j', (flags, sentence) => {
  expect(() => read(flags)).toThrow(sentence);
});

it('reads limits from an object in the file, and by flags and the variable as names with numbers', () => {
  const config = fileOf('{"limits": {"notificationAgeMs": 86400000, "workBurst": 5.5}}');
  expect(read({ config })).toEqual({ limits: { notificationAgeMs: 86_400_000, workBurst: 5.5 } });
  expect(read({ limits: ['pageSize=7, recent = 3', 'catchUps=9'] })).toEqual({
    limits: { pageSize: 7, recent: 3, catchUps: 9 },
  });
  expect(read({}, { TIDINGS_LIMITS: 'pageSize=7' })).toEqual({ limits: { pageSize: 7 } });
});

it.each([
  [{ limits: 'pagesize=7' }, /^--limits has a limit "pagesize", which is not known; known are maxConnections, /],
  [{ limits: 'pageSize' }, /^pageSize of --limits must be a number, 0 or more; got ""$/],
  [{ limits: 'pageSize=1e9' }, /^pageSize of --limits must be a number, 0 or more; got "1e9"$/],
  [{ limits: '7' }, /^--limits has a limit "7", which is not known/],
  [{ config: '{"limits": {"pageSize": "7"}}' }, /^pageSize of "limits" in .*\.json must be a number, .* got "7"$/],
  [
    { config: '{"limits": {"restartSpreadMs": 1e12}}' },
    /^restartSpreadMs of "limits" in .*\.json must be a number from/,
  ],
  [{ config: '{"limits": true}' }, /^"limits" in .*\.json must be an object of numbers$/],
  [{ config: '{"limits": null}' }, /^"limits" in .*\.json must be an object of numbers$/],
  [{ config: '{"port": {"limits": 7}}' }, /^"port" in .*\.json must be text, a number or a list of texts$/],
])('says what a limit must be: %j', ({ config, ...flags }: Record<string, unknown>, sentence) => {
  expect(() => read({ ...flags, ...(config !== undefined && { config: fileOf(config as string) }) })).toThrow(sentence);
});

it('takes a secret exactly as it is given, and the origins of applications that are no pages of the web', () => {
  expect(
    read({ allowedOrigins: 'capacitor://localhost, https://bücher.example' }, { TIDINGS_JWT_SECRET: ' s \n' }),
  ).toEqual({
    ...{ jwtSecret: ' s \n', allowedOrigins: ['capacitor://localhost', 'https://bücher.example'] },
  });
});

it('reads what tokens look like, and which proxies are trusted', () => {
  const environment = { TIDINGS_ROLES_CLAIM: 'realm_access.roles', TIDINGS_USERNAME_CLAIM: 'preferred_username' };
  expect(read({ clockTolerance: '0', trustedProxies: ['10.0.0.0/8, ::1', '192.0.2.1'] }, environment)).toEqual({
    ...{ clockTolerance: 0, trustedProxies: ['10.0.0.0/8', '::1', '192.0.2.1'] },
    ...{ rolesClaim: 'realm_access.roles', usernameClaim: 'preferred_username' },
  });
});

it('names the variable, or the member and its file, that cannot be read', () => {
  expect(() => read({}, { TIDINGS_PORT: 'x' })).toThrow(/^TIDINGS_PORT must be/);
  expect(() => read({ config: fileOf('{"port": "x"}') })).toThrow(/^"port" in .*tidings\.json must be/);
  expect(() => read({ config: fileOf('{"prot": 1}') })).toThrow(/has a setting "prot", which is not known/);
  expect(() => read({ config: fileOf('{"port": true}') })).toThrow(/"port" in .* must be text, a number or a list/);
  expect(() => read({ config: fileOf('[]') })).toThrow(/must be a JSON object of settings/);
  expect(() => read({ config: join(folder, 'missing.json') })).toThrow(/^cannot read --config .*missing\.json/);
});

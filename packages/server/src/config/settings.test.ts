import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { optionNames } from './option-schemas.ts';
import { type SettingName, settings } from './settings.ts';
import { GivenSettings } from './sources.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = Object.keys(settings) as SettingName[];
const read = (flags: Record<string, unknown>, environment: Record<string, string> = {}) =>
  new GivenSettings({ flags, environment }).read(names);

function fileOf(text: string): string {
  const path = join(folder, 'tidings.json');
  writeFileSync(path, text);
  return path;
}

it('lets a flag beat the environment beat the file', () => {
  const config = fileOf(
    '{"port": 1, "host": "file", "adminRole": "file", "apiKey": ["key-number-000001", "key-number-000002"]}',
  );
  expect(read({ port: '3', config }, { TIDINGS_PORT: '2', TIDINGS_HOST: 'environment' })).toEqual({
    ...{ port: 3, host: 'environment', adminRole: 'file', apiKey: ['key-number-000001', 'key-number-000002'] },
  });
});

it('finds the file by its variable, and passes over variables that are empty', () => {
  expect(read({}, { TIDINGS_CONFIG: fileOf('{"port": 1}'), TIDINGS_PORT: '' })).toEqual({ port: 1 });
});

it('reads lists of origins and of keys', () => {
  const keys = ['key-number-000001', 'key-number-000002'];
  const values = read({ allowedOrigins: ['https://a.example, http://b.example:81'], apiKey: keys });
  expect(values).toEqual({ allowedOrigins: ['https://a.example', 'http://b.example:81'], apiKey: keys });
});

it.each([
  [{ port: '80a' }, /^--port must be a whole number from 0 to 65535; got "80a"$/],
  [{ port: '70000' }, /^--port must be a whole number/],
  [{ apiKey: ['two words'] }, /^--api-key must be a list of keys, each printable ASCII without spaces$/],
  [
    { allowedOrigins: ['app.example.com'] },
    /^--allowed-origins must be a list of origins, .* got "app\.example\.com"$/,
  ],
  [{ jwksUrl: 'ftp://x' }, /^--jwks-url must be a URL/],
  [{ jwtSecret: '' }, /^--jwt-secret must have at least 32 bytes, /],
  [{ workers: '0' }, /^--workers must be a whole number from 1 to 128; got 0$/],
  [{ workers: '129' }, /^--workers must be a whole number from 1 to 128; got 129$/],
  [{ metricsKey: 'short' }, /^--metrics-key holds a key of 5 characters: /],
  [{ callbackSecret: 'hush' }, /^--callback-secret must be whsec_ and 24 to 64 bytes in base64$/],
  [{ trustedProxies: ['::1,proxy'] }, /^--trusted-proxies must be a list of addresses or networks, .* got "proxy"$/],
  [{ database: ' ' }, /^--database must be text, and not empty; got ""$/],
  [{ clockTolerance: '1m' }, /^--clock-tolerance must be a whole number from 0 to 86400; got "1m"$/],
  [{ allowedOrigins: ['https://app.example.com/path'] }, /^--allowed-origins must be a list of origins/],
  [{ callbackOrigins: ['*'] }, /^--callback-origins must be a list of origins/],
  [{ logLevel: 'loud' }, /^--log-level must be one of silent, error, warn, info, debug; got "loud"$/],
  [{ redis: 'redis://x' }, /^--redis is not in this version: .* the same PostgreSQL by --database; leave it out$/],
])('says what a flag must be: %j', (flags, sentence) => {
  expect(() => read(flags)).toThrow(sentence);
});

it('reads limits from an object in the file, and by flags and the variable as names with numbers', () => {
  const config = fileOf('{"limits": {"notificationAgeMs": 86400000, "workPerSecond": 5.5}}');
  expect(read({ config })).toEqual({ limits: { notificationAgeMs: 86_400_000, workPerSecond: 5.5 } });
  expect(read({ limits: ['pageSize=7, recent = 3', 'workPerSecond=0.5'] })).toEqual({
    limits: { pageSize: 7, recent: 3, workPerSecond: 0.5 },
  });
  expect(read({}, { TIDINGS_LIMITS: 'pageSize=7' })).toEqual({ limits: { pageSize: 7 } });
});

it.each([
  [{ limits: 'pagesize=7' }, /^there is no option pagesize of --limits; those of limits are maxConnections, /],
  [{ limits: 'pageSize' }, /^pageSize of --limits must be a whole number from 1 to 2147483647; got ""$/],
  [{ limits: 'pageSize=1e9' }, /^pageSize of --limits must be a whole number from 1 to 2147483647; got "1e9"$/],
  [{ limits: '7' }, /^there is no option 7 of --limits; /],
  [
    { config: '{"limits": {"pageSize": "7"}}' },
    /^"limits\.pageSize" in .*\.json must be a whole number from 1 to 2147483647; got "7"$/,
  ],
  [
    { config: '{"limits": {"restartSpreadMs": 1e12}}' },
    /^"limits\.restartSpreadMs" in .*\.json must be a whole number from 0 to 86400000; got 1000000000000$/,
  ],
  [
    { config: '{"limits": {"pagesize": 7}}' },
    /^there is no option "limits\.pagesize" in .*\.json; those of limits are /,
  ],
  [{ config: '{"limits": true}' }, /^"limits" in .*\.json must be an object of limits, as .*; got true$/],
  [{ config: '{"limits": null}' }, /^"limits" in .*\.json must be an object of limits, as .*; got null$/],
  [{ config: '{"limits": [1]}' }, /^"limits" in .*\.json must be an object of limits, as .*; got \[1\]$/],
  [{ config: '{"port": {"limits": 7}}' }, /^"port" in .*\.json must be text, a number or a list of texts$/],
])('says what a limit must be: %j', ({ config, ...flags }: Record<string, unknown>, sentence) => {
  expect(() => read({ ...flags, ...(config !== undefined && { config: fileOf(config as string) }) })).toThrow(sentence);
});

it('takes a secret exactly as it is given, and the origins of applications that are no pages of the web', () => {
  const spaced = ` ${'s'.repeat(32)} \n`;
  expect(
    read({ allowedOrigins: 'capacitor://localhost, https://bücher.example' }, { TIDINGS_JWT_SECRET: spaced }),
  ).toEqual({
    ...{ jwtSecret: spaced, allowedOrigins: ['capacitor://localhost', 'https://bücher.example'] },
  });
});

it('reads what tokens look like, and which proxies are trusted', () => {
  const environment = { TIDINGS_ROLES_CLAIM: 'realm_access.roles', TIDINGS_USERNAME_CLAIM: 'preferred_username' };
  expect(read({ clockTolerance: '0', trustedProxies: ['10.0.0.0/8, ::1', '192.0.2.1'] }, environment)).toEqual({
    ...{ clockTolerance: 0, trustedProxies: ['10.0.0.0/8', '::1', '192.0.2.1'] },
    ...{ rolesClaim: 'realm_access.roles', usernameClaim: 'preferred_username' },
  });
});

it('reads what is on or off', () => {
  expect(read({ canary: 'off' }, { TIDINGS_HEALTH_ALERTS: 'on' })).toEqual({ canary: false, healthAlerts: true });
  expect(() => read({ canary: 'no' })).toThrow(/^--canary must be on or off; got "no"$/);
});

it('names the variable, or the member and its file, that cannot be read', () => {
  expect(() => read({}, { TIDINGS_PORT: 'x' })).toThrow(/^TIDINGS_PORT must be/);
  expect(() => read({ config: fileOf('{"port": "x"}') })).toThrow(/^"port" in .*tidings\.json must be/);
  expect(() => read({ config: fileOf('{"prot": 1}') })).toThrow(/has a setting "prot", which is not known/);
  expect(() => read({ config: fileOf('{"port": true}') })).toThrow(/"port" in .* must be text, a number or a list/);
  expect(() => read({ config: fileOf('{"prot": 1}') })).not.toThrow(/redis/);
  expect(() => read({ config: fileOf('[]') })).toThrow(/must be a JSON object of settings, as \{"port": 8000\}$/);
  expect(() => read({ config: fileOf('{"port": 1,}') })).toThrow(/; it cannot be read: .*position 11/);
  expect(() => read({ config: join(folder, 'missing.json') })).toThrow(/^cannot read --config .*missing\.json/);
});

it('names an option by what gave it, or could have', () => {
  const config = fileOf('{"apiKey": "key-number-000001", "limits": {"pageSize": 7}}');
  const { nameOf } = new GivenSettings({
    flags: { config, jwksUrl: 'https://issuer' },
    environment: { TIDINGS_JWT_ISSUER: 'i' },
  });
  expect(nameOf('auth.jwksUrl')).toBe('--jwks-url');
  expect(nameOf('auth.issuer')).toBe('TIDINGS_JWT_ISSUER');
  expect(nameOf('auth.apiKeys')).toBe(`"apiKey" in ${config}`);
  expect(nameOf('limits.pageSize')).toBe(`"limits.pageSize" in ${config}`);
  expect(nameOf('callbacks.origins')).toBe('--callback-origins (TIDINGS_CALLBACK_ORIGINS)');
});

it('has a setting for every option that text can give', () => {
  const ofSettings = Object.values(settings).flatMap((setting) =>
    'option' in setting ? [setting.option as string] : [],
  );
  const inCode = ['auth.authenticate', 'rooms.authorize', 'dev', 'telemetry'];
  expect(
    optionNames().filter((option) => !ofSettings.some((own) => option === own || option.startsWith(`${own}.`))),
  ).toEqual(inCode);
});

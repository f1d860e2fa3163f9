import { TidingsError } from '@tidings/protocol';
import { limitsOf } from './limits.ts';
import { type LogLevel, logLevels } from './log-levels.ts';
import { defaultLimits, type Limits } from './options.ts';

/** The value of a flag, a variable or a member of a file, before it is parsed. */
export type RawSetting = string | number | readonly string[] | RawGroup;
/** Several values by their names. */
type RawGroup = Readonly<Record<string, unknown>>;

/** One setting, by its name in a file; its flag and its variable follow from that. */
export interface Setting<T> {
  /** Stands for the value in `--help`. */
  value: string;
  about: string;
  /** True if the flag may be given several times, and a file may hold a list. */
  repeatable?: true;
  /** True if a file may hold an object. */
  grouped?: true;
  /** @param where what to name in an error, as `--port` */
  read(raw: RawSetting, where: string): T;
}

const bad = (where: string, expected: string, got: unknown): TidingsError =>
  new TidingsError('bad_request', `${where} must be ${expected}; got ${JSON.stringify(got)}`);

function textOf(raw: RawSetting, where: string): string {
  if (typeof raw === 'string' && raw.trim() !== '') return raw.trim();
  throw bad(where, 'text', raw);
}

/** A secret is used exactly as it is given. It is not repeated in the error. */
function secret(raw: RawSetting, where: string): string {
  if (typeof raw === 'string' && raw !== '') return raw;
  throw new TidingsError('bad_request', `${where} must be text, and not empty`);
}

function wholeNumber(raw: RawSetting, where: string, highest: number): number {
  const text = String(raw).trim();
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number <= highest) return number;
  throw bad(where, `a whole number from 0 to ${highest}`, raw);
}

function httpUrl(raw: RawSetting, where: string): string {
  const text = textOf(raw, where);
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw bad(where, 'a URL, as https://host/path', raw);
}

/** A key is sent in a header. A faulty key is not repeated in the error, since it may be nearly right. */
function apiKeys(raw: RawSetting, where: string): string[] {
  const keys = Array.isArray(raw) ? raw : [raw];
  for (const key of keys) {
    if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
      throw new TidingsError('bad_request', `${where} must be printable ASCII without spaces`);
    }
  }
  return keys as string[];
}

function metricsKey(raw: RawSetting, where: string): string {
  const [key] = apiKeys(raw, where);
  return key as string;
}

/** Names separated by commas, over one or several texts. */
function listed(raw: RawSetting): string[] {
  const given = (Array.isArray(raw) ? raw : [raw]).flatMap((text) => String(text).split(','));
  return given.map((text) => text.trim()).filter(Boolean);
}

function origins(raw: RawSetting, where: string): string[] {
  const names = listed(raw);
  for (const name of names) {
    // Applications have schemes of their own, as capacitor://localhost.
    const isOrigin = /^[a-z][a-z\d+.-]*:\/\/[^/?#]+\/?$/i.test(name) && URL.canParse(name);
    if (name !== '*' && !isOrigin) throw bad(where, 'origins separated by commas, as https://app.example.com', name);
  }
  return names;
}

/** Origins that this server posts to must be named: `*` is refused. */
function exactOrigins(raw: RawSetting, where: string): string[] {
  const names = origins(raw, where);
  if (names.includes('*')) throw bad(where, 'origins separated by commas, as https://app.example.com', '*');
  return names;
}

function logLevel(raw: RawSetting, where: string): LogLevel {
  const found = logLevels.find((level) => level === raw);
  if (found) return found;
  throw bad(where, `one of ${logLevels.join(', ')}`, raw);
}

function workers(raw: RawSetting, where: string): number {
  const count = wholeNumber(raw, where, 128);
  if (count > 0) return count;
  throw bad(where, 'a whole number from 1 to 128', raw);
}

/** Limits by the names that they have in the option `limits`: as an object, or as `name=number`, separated by commas. */
function limits(raw: RawSetting, where: string): Partial<Limits> {
  const given = typeof raw === 'object' && !Array.isArray(raw) ? raw : Object.fromEntries(listed(raw).map(assigned));
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(defaultLimits, name)) continue;
    const known = Object.keys(defaultLimits).join(', ');
    throw new TidingsError('bad_request', `${where} has a limit "${name}", which is not known; known are ${known}`);
  }
  limitsOf(given as Partial<Limits>, (name) => `${name} of ${where}`);
  return given as Partial<Limits>;
}

function assigned(text: string): [string, unknown] {
  const [, name = text, value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(text) ?? [];
  return [name, /^\d+$/.test(value) ? Number(value) : value];
}

/** Refuses an address of Redis, which this version does not use, and says what to do instead. */
function noRedis(_raw: RawSetting, where: string): never {
  throw new TidingsError(
    'bad_request',
    `this version uses no Redis: for several servers, give each the same PostgreSQL by --database; leave ${where} out`,
  );
}

const setting = <T>(value: string, about: string, read: Setting<T>['read'], repeatable?: true): Setting<T> => ({
  ...{ value, about, read },
  ...(repeatable ? { repeatable } : {}),
});
const grouped = <T>(one: Setting<T>): Setting<T> => ({ ...one, grouped: true });

/** Every setting of the server. */
export const settings = {
  host: setting('host', 'address to listen on (default 127.0.0.1)', textOf),
  port: setting('number', 'port to listen on, 0 for any (default 8000)', (raw, where) =>
    wholeNumber(raw, where, 65_535),
  ),
  database: setting(
    'place',
    'where the records are kept: sqlite:PATH or postgres://… (default sqlite:./tidings.db)',
    textOf,
  ),
  listenUrl: setting('url', 'address of the PostgreSQL itself, where --database leads through a pooler', textOf),
  redis: setting('url', 'not in this version: several servers share a PostgreSQL', noRedis),
  jwtSecret: setting('secret', "secret of the users' tokens (HS256, HS384, HS512), 32 bytes or more", secret),
  jwksUrl: setting('url', "where the keys of the users' tokens are published", httpUrl),
  jwtIssuer: setting('text', 'what "iss" of the tokens must be (default anything)', textOf),
  jwtAudience: setting('text', 'what "aud" of the tokens must be (default anything)', textOf),
  clockTolerance: setting('seconds', 'how far the clock of the issuer may be off (default 60)', (raw, where) =>
    wholeNumber(raw, where, 86_400),
  ),
  userClaim: setting('claim', 'claim of the tokens that is the user\'s id, or the path to it (default "sub")', textOf),
  usernameClaim: setting('claim', 'the same for the user\'s name (default "username")', textOf),
  rolesClaim: setting('claim', 'the same for the roles, as realm_access.roles (default "roles")', textOf),
  apiKey: setting('key', 'key of the back ends that send; repeat it for several', apiKeys, true),
  metricsKey: setting('key', 'key that reads /metrics and nothing else', metricsKey),
  allowedOrigins: setting(
    'origins',
    'origins whose pages may connect, besides the own one; "*" for any, by a token only',
    origins,
    true,
  ),
  trustedProxies: setting('networks', 'proxies whose X-Forwarded headers are believed, as 10.0.0.0/8', listed, true),
  authUrl: setting('url', "address that knows the application's sessions", httpUrl),
  callbackOrigins: setting(
    'origins',
    'origins that answers may be posted to; a public name must lead to a public address',
    exactOrigins,
    true,
  ),
  callbackSecret: setting('secret', 'signs posted answers (Standard Webhooks): whsec_ and base64', textOf),
  adminRole: setting('role', 'role that may read and control the tasks of all users (default "admin")', textOf),
  maxDataBytes: setting('bytes', 'largest "data" of a notification or task, as JSON (default 262144)', (raw, where) =>
    wholeNumber(raw, where, 1_000_000),
  ),
  limits: grouped(
    setting('name=number', 'limits, as actionBurst=400,pageSize=200; in a file {"actionBurst": 400}', limits, true),
  ),
  workers: setting('number', 'processes that divide the connections among them (default 1)', workers),
  logLevel: setting('level', `how much to log: ${logLevels.join(', ')} (default info)`, logLevel),
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;
export type SettingValues = { [N in SettingName]?: ReturnType<(typeof settings)[N]['read']> };

const words = (name: string): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
/** `jwtSecret` as `--jwt-secret`. */
export const flagOf = (name: string): string => `--${words(name).join('-')}`;
/** `jwtSecret` as `TIDINGS_JWT_SECRET`. */
export const variableOf = (name: string): string => `TIDINGS_${words(name).join('_').toUpperCase()}`;

import Type, { type TSchema } from 'typebox';
import { whole } from './limits.ts';
import { type LogLevel, logLevels } from './log-levels.ts';
import { schemaAt, text } from './option-schemas.ts';
import type { Limits } from './options.ts';

/** The value of a flag, a variable or a member of a file, before it is parsed. */
export type RawSetting = string | number | object;

/** One setting, by its name in a file; its flag and its variable follow from that. */
export interface Setting<T = unknown> {
  /** Stands for the value in `--help`. */
  value: string;
  about: string;
  /** The option of `createTidings` that it sets, as `auth.issuer`. */
  option?: string;
  /** Reads text of the command line, and what stands for it in a file. The schema checks what comes of it. */
  parse(raw: RawSetting): unknown;
  schema: TSchema;
  /** True if the flag may be given several times, and a file may hold a list. */
  repeatable?: true;
  /** True if a file may hold an object. */
  grouped?: true;
  /** Absent: it carries the type of the value. */
  readonly type?: T;
}

const asIs = (raw: RawSetting): unknown => raw;
const trimmed = (raw: RawSetting): unknown => (typeof raw === 'string' ? raw.trim() : raw);
const number = (raw: RawSetting): unknown =>
  typeof raw === 'string' && /^\d{1,9}$/.test(raw.trim()) ? Number(raw) : raw;
const several = (raw: RawSetting): unknown => (Array.isArray(raw) ? raw : [raw]);
/** Names separated by commas, over one or several texts. */
const listed = (raw: RawSetting): unknown => {
  const texts = [raw].flat();
  if (!texts.every((text) => typeof text === 'string')) return raw;
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean);
};

/** `on` and `off`. */
const switched = (raw: RawSetting): unknown => {
  if (trimmed(raw) === 'on') return true;
  return trimmed(raw) === 'off' ? false : raw;
};
const OnOff = Type.Boolean({ expected: 'on or off' });

/** An object, or the same as `name=number`, separated by commas. */
const assigned = (raw: RawSetting): unknown => {
  const texts = listed(raw);
  if (texts === raw) return raw;
  return Object.fromEntries(
    (texts as string[]).map((text) => {
      const [, name = text, value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(text) ?? [];
      return [name, /^\d+(\.\d+)?$/.test(value) ? Number(value) : value];
    }),
  );
};

/** Refuses an address of Redis, which this version does not use, and says what to do instead. */
const noRedis = Type.Refine(
  Type.Unknown(),
  () => false,
  () => 'is not in this version: for several servers, give each the same PostgreSQL by --database; leave it out',
);

/** The schema is that of the option, unless another is given. */
const setting = <T>(value: string, about: string, more: Partial<Omit<Setting, 'type'>>): Setting<T> => ({
  ...{ value, about, parse: trimmed, schema: more.schema ?? schemaAt(more.option as string) },
  ...more,
});

/** Every setting of the server. */
export const settings = {
  host: setting<string>('host', 'address to listen on (default 127.0.0.1)', { schema: text }),
  port: setting<number>('number', 'port to listen on, 0 for any (default 8000)', {
    ...{ parse: number, schema: whole(0, 65_535) },
  }),
  database: setting<string>(
    'place',
    'where the records are kept: sqlite:PATH or postgres://… (default sqlite:./tidings.db)',
    { option: 'database' },
  ),
  listenUrl: setting<string>('url', 'address of the PostgreSQL itself, where --database leads through a pooler', {
    option: 'listenUrl',
  }),
  redis: setting<never>('url', 'not in this version: several servers share a PostgreSQL', { schema: noRedis }),
  jwtSecret: setting<string>('secret', "secret of the users' tokens (HS256, HS384, HS512), 32 bytes or more", {
    ...{ option: 'auth.jwtSecret', parse: asIs },
  }),
  jwksUrl: setting<string>('url', "where the keys of the users' tokens are published", { option: 'auth.jwksUrl' }),
  jwtIssuer: setting<string>('text', 'what "iss" of the tokens must be (default anything)', { option: 'auth.issuer' }),
  jwtAudience: setting<string>('text', 'what "aud" of the tokens must be (default anything)', {
    option: 'auth.audience',
  }),
  clockTolerance: setting<number>('seconds', 'how far the clock of the issuer may be off (default 60)', {
    ...{ option: 'auth.clockToleranceSeconds', parse: number, schema: whole(0, 86_400) },
  }),
  userClaim: setting<string>('claim', 'claim of the tokens that is the user\'s id, or the path to it (default "sub")', {
    option: 'auth.claims.user',
  }),
  usernameClaim: setting<string>('claim', 'the same for the user\'s name (default "username")', {
    option: 'auth.claims.username',
  }),
  rolesClaim: setting<string>('claim', 'the same for the roles, as realm_access.roles (default "roles")', {
    option: 'auth.claims.roles',
  }),
  apiKey: setting<string[]>('key', 'key of the back ends that send, 16 characters or more; repeat it for several', {
    ...{ option: 'auth.apiKeys', parse: several, repeatable: true },
  }),
  metricsKey: setting<string>('key', 'key that reads /metrics and nothing else', {
    ...{ option: 'auth.metricsKey', parse: asIs },
  }),
  allowedOrigins: setting<string[]>(
    'origins',
    'origins whose pages may connect, besides the own one; "*" for any, by a token only',
    { option: 'auth.allowedOrigins', parse: listed, repeatable: true },
  ),
  trustedProxies: setting<string[]>('networks', 'proxies whose X-Forwarded headers are believed, as 10.0.0.0/8', {
    ...{ option: 'trustedProxies', parse: listed, repeatable: true },
  }),
  authUrl: setting<string>('url', "address that knows the application's sessions", { option: 'auth.url' }),
  roomsUrl: setting<string>('url', 'address at which the application says who may follow a room or send to it', {
    option: 'rooms.url',
  }),
  roomsKey: setting<string>('key', 'key that is sent to --rooms-url, as the bearer of Authorization', {
    ...{ option: 'rooms.key', parse: asIs },
  }),
  roomEvents: setting<Record<string, number>>(
    'kind=number',
    'the most events that a room of a kind keeps, as project=1000,chat=200 (default: eventsPerRoom of the limits)',
    { option: 'rooms.eventsPerRoom', parse: assigned, repeatable: true, grouped: true },
  ),
  roomEventAgeMs: setting<Record<string, number>>(
    'kind=number',
    'age at which events in rooms of a kind are retracted, ms, as chat=86400000 (default: roomEventAgeMs of the limits)',
    { option: 'rooms.eventAgeMs', parse: assigned, repeatable: true, grouped: true },
  ),
  callbackOrigins: setting<string[]>(
    'origins',
    'origins that answers may be posted to; a public name must lead to a public address',
    { option: 'callbacks.origins', parse: listed, repeatable: true },
  ),
  callbackSecret: setting<string>('secret', 'signs posted answers (Standard Webhooks): whsec_ and base64', {
    option: 'callbacks.secret',
  }),
  adminRole: setting<string>('role', 'role that may read and control the tasks of all users (default "admin")', {
    option: 'auth.adminRole',
  }),
  canary: setting<boolean>(
    'on|off',
    'send a record through the whole server every 3 s, which shows breaks (default on)',
    {
      ...{ option: 'health.canary', parse: switched, schema: OnOff },
    },
  ),
  healthAlerts: setting<boolean>('on|off', 'notify administrators of incidents that last (default off)', {
    ...{ option: 'health.alerts', parse: switched, schema: OnOff },
  }),
  limits: setting<Partial<Limits>>(
    'name=number',
    'limits, as actionBurst=400,pageSize=200; in a file {"actionBurst": 400}',
    { option: 'limits', parse: assigned, repeatable: true, grouped: true },
  ),
  maxDataBytes: setting<number>('bytes', 'largest "data" of a notification or task, as JSON (default 262144)', {
    ...{ option: 'limits.maxDataBytes', parse: number },
  }),
  workers: setting<number>('number', 'processes that divide the connections among them (default 1)', {
    ...{ parse: number, schema: whole(1, 128) },
  }),
  logLevel: setting<LogLevel>('level', `how much to log: ${logLevels.join(', ')} (default info)`, {
    schema: Type.Enum([...logLevels], { expected: `one of ${logLevels.join(', ')}` }),
  }),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type SettingValues = { [N in SettingName]?: NonNullable<(typeof settings)[N]['type']> };

const words = (name: string): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
/** `jwtSecret` as `--jwt-secret`. */
export const flagOf = (name: string): string => `--${words(name).join('-')}`;
/** `jwtSecret` as `TIDINGS_JWT_SECRET`. */
export const variableOf = (name: string): string => `TIDINGS_${words(name).join('_').toUpperCase()}`;

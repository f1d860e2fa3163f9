import Type, { type TSchema } from 'typebox';
import { parseNetwork } from '../identity/trusted-proxies.ts';
import type { Wording } from './check.ts';
import type { CurrentOptions } from './current-options.ts';
import { century, limitsSchema, whole } from './limits.ts';
import type { AuthOptions, CallbackOptions, ClaimOptions, HealthOptions, RoomOptions } from './options.ts';

/** The shortest secret of HS256 that RFC 7518 (section 3.2) allows, bytes. */
const shortestSecret = 32;
/** The shortest key of a back end, characters. */
const shortestKey = 16;

/** Text that passes a check. The words of the schema say what it must be. */
const textThat = (passes: (text: string) => boolean, words?: Wording) =>
  Type.Refine(Type.String({ ...words }), passes, () => '');

export const text = textThat((given) => given.trim() !== '', { expected: 'text, and not empty' });

/** Without a user and password, which `fetch` refuses; they are not repeated in the error. */
const httpUrl = textThat((url) => URL.canParse(url) && /^https?:\/\/[^/?#@]+([/?#]|$)/i.test(url), {
  ...{ expected: 'a URL without user and password, as https://host/path', isSecret: true },
});

const jwtSecret = Type.Refine(
  Type.String({ expected: 'text', isSecret: true }),
  (secret) => Buffer.byteLength(secret) >= shortestSecret,
  (secret) =>
    `must have at least ${shortestSecret} bytes, since a shorter one can be guessed from any token; this one has ${Buffer.byteLength(secret)}. "openssl rand -base64 32" makes one; what signs the tokens must use the same`,
);

const keyWords = { expected: 'printable ASCII without spaces', isSecret: true };

const key = Type.Refine(
  textThat((given) => /^[\x21-\x7e]*$/.test(given), keyWords),
  (given) => given.length >= shortestKey,
  (given) =>
    `holds a key of ${given.length} characters: it must have at least ${shortestKey}, since a shorter one can be guessed; "openssl rand -hex 32" makes one; what calls the server must use the same`,
);

const isOrigin = (origin: string): boolean =>
  // Applications have schemes of their own, as capacitor://localhost.
  /^[a-z][a-z\d+.-]*:\/\/[^/?#]+\/?$/i.test(origin) && URL.canParse(origin);

const isWebOrigin = (origin: string): boolean => isOrigin(origin) && /^https?:\/\/[^@]+$/i.test(origin);

const callbackSecret = textThat(
  (secret) => {
    const given = secret.replace(/^whsec_/, '');
    const bytes = Buffer.from(given, 'base64');
    const isWhole = secret !== given && bytes.toString('base64') === given;
    return isWhole && bytes.length >= 24 && bytes.length <= 64;
  },
  { expected: 'whsec_ and 24 to 64 bytes in base64', isSecret: true },
);

/** A number for each of some kinds of rooms. */
const byKind = (number: TSchema) =>
  Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }), number, {
    ...{ additionalProperties: false, expected: 'an object of kinds of rooms with numbers, as {"project": 1000}' },
  });

/** The options of a group. A misspelt one must not count as absent. */
const group = <G>(members: Record<keyof G, TSchema>, words?: Partial<Wording>) =>
  Type.Partial(Type.Object(members as Record<string, TSchema>), {
    additionalProperties: false,
    expected: 'an object of options',
    ...words,
  });

/** Every option of `createTidings`, by its present name. */
export const optionsSchema = group<CurrentOptions>({
  database: text,
  listenUrl: text,
  auth: group<AuthOptions>(
    {
      jwtSecret,
      ...{ jwksUrl: httpUrl, issuer: text, audience: text },
      claims: group<ClaimOptions>({ user: text, username: text, roles: text }),
      clockToleranceSeconds: Type.Number({ minimum: 0, maximum: 86_400, expected: 'a number from 0 to 86400' }),
      authenticate: Type.Function([], Type.Any(), { expected: 'a function' }),
      ...{ url: httpUrl, adminRole: text },
      apiKeys: Type.Array(key, { ...keyWords, expected: 'a list of keys, each printable ASCII without spaces' }),
      metricsKey: key,
      allowedOrigins: Type.Array(
        textThat((origin) => origin === '*' || isOrigin(origin)),
        { expected: 'a list of origins, as https://app.example.com' },
      ),
    },
    { isSecret: true },
  ),
  rooms: group<RoomOptions>({
    ...{ authorize: Type.Function([], Type.Any(), { expected: 'a function' }), url: httpUrl, key },
    ...{ eventsPerRoom: byKind(whole(1)), eventAgeMs: byKind(whole(1, century)) },
  }),
  callbacks: group<CallbackOptions>(
    {
      secret: callbackSecret,
      origins: Type.Array(textThat(isWebOrigin), { expected: 'a list of origins, as https://app.example.com' }),
    },
    { isSecret: true },
  ),
  trustedProxies: Type.Array(
    textThat((network) => parseNetwork(network) !== null),
    { expected: 'a list of addresses or networks, as 10.0.0.0/8 or ::1' },
  ),
  dev: Type.Boolean({ expected: 'true or false' }),
  telemetry: Type.Refine(
    Type.Unknown({ expected: 'an object with a function emit(event)' }),
    (telemetry) => typeof Object(telemetry).emit === 'function',
    () => '',
  ),
  health: group<HealthOptions>({
    canary: Type.Boolean({ expected: 'true or false' }),
    alerts: Type.Boolean({ expected: 'true or false' }),
  }),
  limits: limitsSchema,
});

const membersOf = (schema: TSchema): Record<string, TSchema> =>
  (schema as { properties?: Record<string, TSchema> }).properties ?? {};

/** The schema of an option, as `auth.claims.user`. */
export const schemaAt = (option: string): TSchema =>
  option.split('.').reduce<TSchema>((group, name) => membersOf(group)[name] as TSchema, optionsSchema);

/** The names of all options, those in groups too, as `auth.claims.user`. */
export function optionNames(schema: TSchema = optionsSchema, path: readonly string[] = []): string[] {
  const members = Object.entries(membersOf(schema));
  if (members.length === 0) return [path.join('.')];
  return members.flatMap(([name, member]) => optionNames(member, [...path, name]));
}

import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { warningsFromNow } from '../../../../testing/warnings.ts';
import { TempFolder } from '../../testing/temp-store.ts';
import { createTidings } from '../server.ts';
import { checkOptions, nobodyConnects, withoutEffect } from './check-options.ts';
import { limitsOf } from './limits.ts';
import type { TidingsOptions } from './options.ts';

const jwtSecret = 's'.repeat(32);
const [key, other] = ['k'.repeat(16), 'o'.repeat(16)];
const callbackSecret = `whsec_${'A'.repeat(32)}`;
const origins = ['https://app.example.com'];

const list = 'must be a list of origins, as https://app.example.com; got';
const url = 'must be a URL without user and password, as https://host/path';
const text = 'must be text, and not empty; got';
const whole = (minimum: number, maximum: number): string => `must be a whole number from ${minimum} to ${maximum}; got`;
const short = (characters: number): string =>
  `holds a key of ${characters} characters: it must have at least 16, since a shorter one can be guessed; "openssl rand -hex 32" makes one; what calls the server must use the same`;
const guessed = (bytes: number): string =>
  `must have at least 32 bytes, since a shorter one can be guessed from any token; this one has ${bytes}. "openssl rand -base64 32" makes one; what signs the tokens must use the same`;

/** Options of which the one that is named is wrong, and what is said of it. */
const wrong: [options: object, sentence: string | RegExp][] = [
  [{ auth: { jwtSecret: '' } }, `auth.jwtSecret ${guessed(0)}`],
  [{ auth: { jwtSecret: 'ä'.repeat(15) } }, `auth.jwtSecret ${guessed(30)}`],
  [{ auth: { jwtSecret: 7 } }, 'auth.jwtSecret must be text'],
  [{ auth: { jwtSecret: null } }, 'auth.jwtSecret must be text'],
  [{ auth: { jwksUrl: 'ftp://issuer' } }, `auth.jwksUrl ${url}`],
  [{ auth: { jwksUrl: 'https://me:hush@issuer/' } }, `auth.jwksUrl ${url}`],
  [{ auth: { url: 'app/session' } }, `auth.url ${url}`],
  [{ auth: { issuer: '' } }, `auth.issuer ${text} ""`],
  [{ auth: { audience: ['a'] } }, `auth.audience ${text} ["a"]`],
  [{ auth: { adminRole: ' ' } }, `auth.adminRole ${text} " "`],
  [{ auth: { claims: { user: '' } } }, `auth.claims.user ${text} ""`],
  [{ auth: { claims: 'sub' } }, 'auth.claims must be an object of options; got "sub"'],
  [
    { auth: { clockToleranceSeconds: Number.NaN } },
    'auth.clockToleranceSeconds must be a number from 0 to 86400; got NaN',
  ],
  [{ auth: { clockToleranceSeconds: -1 } }, 'auth.clockToleranceSeconds must be a number from 0 to 86400; got -1'],
  [{ auth: { authenticate: {} } }, 'auth.authenticate must be a function; got {}'],
  [{ auth: { apiKeys: key } }, 'auth.apiKeys must be a list of keys, each printable ASCII without spaces'],
  [{ auth: { apiKeys: [key, 7] } }, 'auth.apiKeys must be a list of keys, each printable ASCII without spaces'],
  [
    { auth: { apiKeys: [key, 'two words of a hush'] } },
    'auth.apiKeys must be a list of keys, each printable ASCII without spaces',
  ],
  [{ auth: { apiKeys: [key, 'k'] } }, `auth.apiKeys ${short(1)}`],
  [{ auth: { apiKeys: [''] } }, `auth.apiKeys ${short(0)}`],
  [{ auth: { metricsKey: 'k'.repeat(15) } }, `auth.metricsKey ${short(15)}`],
  [{ auth: { metricsKey: 'schlüssel-der-metriken' } }, 'auth.metricsKey must be printable ASCII without spaces'],
  [{ auth: { allowedOrigins: 'https://app.example.com' } }, `auth.allowedOrigins ${list} "https://app.example.com"`],
  [{ auth: { allowedOrigins: ['app.example.com'] } }, `auth.allowedOrigins ${list} "app.example.com"`],
  [{ auth: 'hush' }, 'auth must be an object of options'],
  [{ callbacks: { secret: 'hush', origins } }, 'callbacks.secret must be whsec_ and 24 to 64 bytes in base64'],
  [{ callbacks: { secret: `whsec_${'A'.repeat(8)}` } }, 'callbacks.secret must be whsec_ and 24 to 64 bytes in base64'],
  [
    { callbacks: { secret: `whsec_${'A'.repeat(90)}` } },
    'callbacks.secret must be whsec_ and 24 to 64 bytes in base64',
  ],
  [{ callbacks: { secret: 'A'.repeat(32) } }, 'callbacks.secret must be whsec_ and 24 to 64 bytes in base64'],
  ...['app.example.com', 'https://app.example.com/path', 'ftp://x', '*', 'https://me@app.example.com'].map(
    (origin): [object, string] => [{ callbacks: { origins: [origin] } }, `callbacks.origins ${list} "${origin}"`],
  ),
  [
    { trustedProxies: '::1' },
    'trustedProxies must be a list of addresses or networks, as 10.0.0.0/8 or ::1; got "::1"',
  ],
  [
    { trustedProxies: ['::1', 'proxy'] },
    'trustedProxies must be a list of addresses or networks, as 10.0.0.0/8 or ::1; got "proxy"',
  ],
  [{ database: 5 }, `database ${text} 5`],
  [{ database: 'sqlite::memory:' }, /^database must be sqlite:PATH, /],
  [{ listenUrl: 'postgres://h/d' }, 'listenUrl goes with a PostgreSQL as database; leave it out'],
  [{ dev: 'yes' }, 'dev must be true or false; got "yes"'],
  [{ telemetry: console.log }, /^telemetry must be an object with a function emit\(event\); got /],
  [{ limits: [] }, 'limits must be an object of limits, as {"maxConnections": 1000}; got []'],
  [{ limits: { actionBurst: Number.NaN } }, `limits.actionBurst ${whole(1, 2_147_483_647)} NaN`],
  [{ limits: { actionBurst: '5' } }, `limits.actionBurst ${whole(1, 2_147_483_647)} "5"`],
  [{ limits: { pageSize: 0 } }, `limits.pageSize ${whole(1, 2_147_483_647)} 0`],
  [{ limits: { pageSize: 1.5 } }, `limits.pageSize ${whole(1, 2_147_483_647)} 1.5`],
  [{ limits: { workPerSecond: 0 } }, 'limits.workPerSecond must be a number above 0, and up to 2147483647; got 0'],
  [{ limits: { maxDataBytes: 1_000_001 } }, `limits.maxDataBytes ${whole(0, 1_000_000)} 1000001`],
  [{ limits: { restartSpreadMs: 2 ** 31 } }, `limits.restartSpreadMs ${whole(0, 86_400_000)} 2147483648`],
  [
    { limits: { notificationAgeMs: Number.POSITIVE_INFINITY } },
    `limits.notificationAgeMs ${whole(1, 3_155_760_000_000)} Infinity`,
  ],
  [{ databse: 'postgres://h/d' }, /^there is no option databse; the options are database, listenUrl, /],
  [{ auth: { jwt_secret: 's' } }, /^there is no option auth\.jwt_secret; those of auth are jwtSecret, /],
  [
    { auth: { claims: { id: 'sub' } } },
    'there is no option auth.claims.id; those of auth.claims are user, username, roles',
  ],
  [{ callbacks: { url: 'x' } }, 'there is no option callbacks.url; those of callbacks are secret, origins'],
  [{ limits: { frameBytes: 1 } }, /^there is no option limits\.frameBytes; those of limits are maxConnections, /],
  [{ maxDataBytes: 1 }, /^there is no option maxDataBytes; /],
  [
    { auth: { jwtSecret, jwksUrl: 'https://issuer/' } },
    'give auth.jwtSecret or auth.jwksUrl, not both: tokens are checked in one way',
  ],
  [{ auth: { apiKeys: [other, key], metricsKey: key } }, /^auth\.metricsKey is one of auth\.apiKeys too, /],
  [
    { auth: { allowedOrigins: ['*'], url: 'https://app' } },
    /^"\*" in auth\.allowedOrigins cannot be combined with auth\.url: /,
  ],
];

it.each(wrong)('a server is not made with %j', async (options, sentence) => {
  const error = await createTidings(options as TidingsOptions).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'TidingsError', code: 'bad_request' });
  if (typeof sentence === 'string') expect((error as Error).message).toBe(sentence);
  else expect((error as Error).message).toMatch(sentence);
  expect((error as Error).message).not.toContain('hush');
});

it('takes every option that is right, undefined for none, and a sink that is an instance of a class', () => {
  class Sink {
    emit() {}
  }
  const auth = {
    apiKeys: [key],
    metricsKey: other,
    claims: { roles: 'realm_access.roles' },
    clockToleranceSeconds: 0.5,
  };
  const right = {
    auth: {
      ...auth,
      jwksUrl: 'https://issuer/keys?a=b@c',
      allowedOrigins: ['*', 'capacitor://localhost'],
      issuer: undefined,
    },
    callbacks: { secret: callbackSecret, origins: ['https://app.example.com/', 'https://bücher.example'] },
    ...{ database: 'sqlite:./a.db', trustedProxies: ['10.0.0.0/8', '::1'], dev: false, telemetry: new Sink() },
    limits: { ...limitsOf(), actionsPerSecond: 0.1, taskConcurrency: 0 },
    databse: undefined,
  };
  expect(checkOptions(right)).toMatchObject({ kind: 'sqlite' });
});

it.each([
  [{ callbacks: { secret: callbackSecret } }, [/^callbacks\.secret has no effect without callbacks\.origins: /]],
  [{ callbacks: { origins } }, [/^callbacks\.origins has no effect without callbacks\.secret, /]],
  [{ auth: { issuer: 'shop', clockToleranceSeconds: 0 } }, [/^auth\.issuer has /, /^auth\.clockToleranceSeconds has /]],
  [{ callbacks: { secret: callbackSecret, origins }, auth: { jwtSecret, issuer: 'shop' } }, []],
  [{ callbacks: { secret: callbackSecret }, dev: true }, []],
])('says of %j what has no effect', (options, sentences) => {
  expect(withoutEffect(options)).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
});

it.each([
  [{}, /^nobody can connect: set auth\.jwtSecret/],
  [{ auth: { apiKeys: ['key-of-a-back-end'] } }, /^nobody can connect/],
  [{ auth: { jwtSecret } }, null],
  [{ auth: { url: 'https://app.example/me' } }, null],
  [{ dev: true }, null],
])('says of %j whether anybody can connect', (options, sentence) => {
  expect(nobodyConnects(options)).toEqual(sentence === null ? null : expect.stringMatching(sentence));
});

it('warns where it begins to listen that nobody can connect', async () => {
  const warnings = warningsFromNow();
  const folder = new TempFolder();
  const tidings = await createTidings({ database: `sqlite:${folder.file()}` });
  onTestFinished(async () => {
    await tidings.close();
    folder.remove();
  });
  tidings.attach(createServer());
  await expect
    .poll(() => warnings.map(({ message }) => message))
    .toEqual([expect.stringMatching(/^createTidings: nobody can connect/)]);
});

it('warns at its creation of what has no effect', async () => {
  const warnings = warningsFromNow();
  const folder = new TempFolder();
  const tidings = await createTidings({ database: `sqlite:${folder.file()}`, callbacks: { secret: callbackSecret } });
  onTestFinished(async () => {
    await tidings.close();
    folder.remove();
  });
  await expect
    .poll(() => warnings.map(({ message }) => message))
    .toEqual([expect.stringMatching(/^createTidings: callbacks\.secret has no effect without /)]);
});

import type { IncomingMessage, RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { answers, answersJson, outages, TestAddress } from '../../testing/test-address.ts';
import { secret, token } from '../../testing/tokens.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { Authenticator, type AuthenticatorOptions, type AuthenticatorParts } from './authenticator.ts';
import { defaultClaims } from './claims.ts';

/** An application that knows who `session=alice` is. */
const application: RequestListener = (request, response) => {
  const { cookie, authorization } = request.headers;
  const isKnown = cookie === 'session=alice' || authorization === 'Bearer opaque-alice';
  answersJson(isKnown ? { sub: 7, username: 'alice', roles: ['admin'] } : {}, isKnown ? 200 : 401)(request, response);
};
let address: TestAddress;
beforeAll(async () => {
  address = await TestAddress.open(application);
});
beforeEach(() => {
  address.asked = 0;
  address.becomes(application);
  told.length = 0;
});
afterAll(() => address.close());

/** Nobody is locked out, and what is said of roles holds. */
const known: Pick<AuthenticatorParts, 'roles' | 'revocations' | 'origins' | 'proxies'> = {
  proxies: { placeOf: ({ headers }) => ({ address: String(headers.from), host: '', protocol: 'http', prefix: '' }) },
  origins: { takesCookies: () => true },
  roles: {
    accept: async (claims) => ({ ...claims, username: claims.username ?? claims.id, roles: claims.roles ?? [] }),
  },
  revocations: { refusal: () => null },
};
const told: TelemetryEvent[] = [];
const clock = new ManualClock();

const authenticator = (
  options: Partial<AuthenticatorOptions> = { authUrl: address.url },
  parts: Partial<typeof known> = {},
) =>
  new Authenticator(
    {
      ...{ secret, jwksUrl: null, issuer: null, audience: null, claims: defaultClaims, clockTolerance: 60 },
      ...{ authenticate: null, authUrl: null, trustQuery: false, timeoutMs: 1_000, ...options },
    },
    { ...known, ...parts, clock, telemetry: { emit: (event) => void told.push(event) } },
  );

const requestWith = (headers: Record<string, string>, url = '/ws/') => ({ url, headers }) as unknown as IncomingMessage;
const alice = { id: '7', username: 'alice', roles: ['admin'] };
const asAlice = requestWith({ cookie: 'session=alice' });
const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: 'unavailable', message: expect.stringMatching(message) });
const unauthenticated = (message: RegExp) =>
  expect.objectContaining({ code: 'unauthenticated', message: expect.stringMatching(message) });

describe('the address that knows the sessions', () => {
  it('is asked once for what comes close together', async () => {
    const auth = authenticator();
    expect(await auth.authenticate(asAlice, 1_000)).toMatchObject(alice);
    expect(await auth.authenticate(asAlice, 5_900)).toMatchObject(alice);
    expect(address.asked).toBe(1);
    await auth.authenticate(asAlice, 6_100);
    expect(address.asked).toBe(2);
  });

  it('is shown a bearer token that is no JWT, and a JWT never', async () => {
    const auth = authenticator();
    expect(await auth.authenticate(requestWith({ authorization: 'Bearer opaque-alice' }), 0)).toMatchObject(alice);
    const forged = requestWith({
      authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.',
      cookie: 'session=alice',
    });
    await expect(auth.authenticate(forged, 0)).rejects.toThrow(/algorithm|not a JWT/);
    expect(address.asked).toBe(1);
  });

  test.each([401, 403])('knows nobody where it answers %i, with or without a body', async (status) => {
    for (const body of ['', '<html>', '{"sub": "7"}']) {
      address.becomes(answers(status, body));
      await expect(authenticator().authenticate(asAlice, 0)).rejects.toThrow(unauthenticated(/^nobody is signed in/));
    }
  });

  test.each(Object.keys(outages))('is out of order where it %s, and is asked again the next time', async (name) => {
    address.becomes(outages[name] as RequestListener);
    const auth = authenticator();
    const outage = unavailable(/^the user cannot be determined now: auth\.url \(--auth-url\) /);
    await expect(auth.authenticate(asAlice, 0)).rejects.toThrow(outage);
    address.becomes(application);
    expect(await auth.authenticate(asAlice, 1)).toMatchObject(alice);
  });

  it('is asked once about the same session, however many come with it at once', async () => {
    const auth = authenticator();
    const all = await Promise.all(Array.from({ length: 50 }, () => auth.authenticate(asAlice, 0)));
    expect(all).toHaveLength(50);
    expect(address.asked).toBe(1);
  });

  it('is not asked about each of many made-up sessions: an address that brings them waits, and others do not', async () => {
    const auth = authenticator({ authUrl: address.url, timeoutMs: 30_000 });
    const stranger = (n: number, from = 'a') => requestWith({ cookie: `session=made-up-${n}`, from });
    const outcomes: string[] = [];
    const ask = (n: number, now: number, from?: string) =>
      auth.authenticate(stranger(n, from), now).catch(({ code }) => void outcomes.push(code));
    for (let n = 0; n < 200; n++) await ask(n, 1_000);
    expect(address.asked).toBe(30);
    expect(Object.groupBy(outcomes, (code) => code).unauthenticated).toHaveLength(30);
    expect(outcomes.at(-1)).toBe('unavailable');
    await Promise.all(Array.from({ length: 300 }, (_, n) => ask(1_000 + n, 1_000, 'b')));
    expect(address.asked).toBe(130);
    expect(await auth.authenticate(requestWith({ cookie: 'session=alice', from: 'c' }), 1_000)).toMatchObject(alice);
    await expect(auth.authenticate(requestWith({ cookie: 'session=alice', from: 'a' }), 7_000)).resolves.toMatchObject(
      alice,
    );
    const asked = address.asked;
    for (let n = 0; n < 50; n++) await ask(2_000 + n, 7_000);
    expect(address.asked - asked).toBe(12);
  });

  it('is out of order where nobody listens, which is said once a second', async () => {
    const auth = authenticator({ authUrl: 'http://127.0.0.1:1/me' });
    const ask = (now: number) => auth.authenticate(asAlice, now).catch(() => {});
    for (const now of [0, 1, 999, 1_000]) await ask(now);
    const said = {
      type: 'identity_unavailable',
      reason: expect.stringContaining('auth.url (--auth-url) does not answer'),
    };
    expect(told).toEqual(
      [1, 2].map(() => expect.objectContaining({ ...said, cause: expect.stringMatching(/ECONN|port/) })),
    );
  });

  it.each([
    [
      '{"sub": 9007199254740993}',
      /^"sub" of auth\.url \(--auth-url\) must be <= 9007199254740991; got 9007199254740992$/,
    ],
    ['{"sub": 42.5}', /^"sub" of auth\.url \(--auth-url\) must be string or integer; got 42\.5$/],
    ['{"sub": 1, "username": 42.5}', /^"username" of auth\.url \(--auth-url\) must be string or integer; got 42\.5$/],
  ])('has its users refused that are none: %s', async (body, message) => {
    address.becomes(answers(200, body));
    await expect(authenticator().authenticate(asAlice, 0)).rejects.toThrow(unauthenticated(message));
  });

  it('may name one role, or roles that cannot be read, which is said once', async () => {
    address.becomes(answersJson({ sub: '7', roles: 'admin' }));
    expect(await authenticator().authenticate(asAlice, 0)).toMatchObject({ roles: ['admin'] });
    address.becomes(answersJson({ sub: '7', roles: { admin: true } }));
    const auth = authenticator();
    for (const now of [0, 10_000]) expect(await auth.authenticate(asAlice, now)).toMatchObject({ roles: [] });
    const claim = '"roles" of auth.url (--auth-url)';
    expect(told).toEqual([{ type: 'claim_unreadable', claim, got: '{"admin":true}' }]);
  });
});

describe('authenticate() of an application', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['throws', () => Promise.reject(new Error('no database')), /authenticate\(\) throws$/],
    [
      'throws at once',
      () => {
        throw new Error('no database');
      },
      /authenticate\(\) throws$/,
    ],
    ['never answers', () => new Promise(() => {}), /authenticate\(\) does not answer within 1 s$/],
    ['returns what is no user', () => 'alice', /authenticate\(\) returns neither a user, \{sub, \.\.\.\}, nor null$/],
    ['returns an object without a user', () => ({ id: 7 }), /authenticate\(\) returns neither/],
  ])('that %s is out of order', async (_what, authenticate, message) => {
    const auth = authenticator({ authenticate: authenticate as AuthenticatorOptions['authenticate'] });
    const refused = expect(auth.authenticate(requestWith({}), 0)).rejects.toThrow(unavailable(message));
    await clock.advance(1_000);
    await refused;
    expect(told).toMatchObject([{ type: 'identity_unavailable', reason: expect.stringMatching(message) }]);
  });

  it.each([null, undefined])('knows nobody where it returns %s', async (nobody) => {
    const auth = authenticator({ authenticate: () => nobody });
    await expect(auth.authenticate(requestWith({}), 0)).rejects.toThrow(unauthenticated(/^nobody is signed in/));
  });

  it('has its users refused that are none', async () => {
    const auth = authenticator({ authenticate: () => ({ sub: 2 ** 53 }) });
    await expect(auth.authenticate(requestWith({}), 0)).rejects.toThrow(
      unauthenticated(/^"sub" of authenticate\(\) must be <= 9007199254740991/),
    );
  });
});

it('refuses a token that is revoked while the roles of its user are looked up', async () => {
  let reason: string | null = null;
  const accept: AuthenticatorParts['roles']['accept'] = async (claims) => {
    reason = 'this token was revoked';
    return known.roles.accept(claims);
  };
  const auth = authenticator({}, { roles: { accept }, revocations: { refusal: () => reason } });
  await expect(auth.identify(token({ sub: 'ann' }), Date.now())).rejects.toEqual(unauthenticated(/revoked/));
});

describe('of two carriers with different tokens', () => {
  const carriers: Record<string, (jwt: string) => { url?: string; headers: Record<string, string> }> = {
    query: (jwt) => ({ url: `/ws/?token=${jwt}`, headers: {} }),
    header: (jwt) => ({ headers: { authorization: `Bearer ${jwt}` } }),
    subprotocol: (jwt) => ({ headers: { 'sec-websocket-protocol': `tidings.v1, bearer.${jwt}` } }),
    cookie: (jwt) => ({ headers: { cookie: `tidings_token=${jwt}` } }),
    session: () => ({ headers: { cookie: 'session=alice' } }),
  };
  const order = Object.keys(carriers);
  const pairs = order.flatMap((first, n) => order.slice(n + 1).map((second) => [first, second] as const));

  test.each(pairs.filter((pair) => !pair.every((name) => ['cookie', 'session'].includes(name))))(
    'the %s wins over the %s',
    async (first, second) => {
      const [stronger, weaker] = [first, second].map((name) => carriers[name]?.(token({ sub: name })));
      const headers = { ...weaker?.headers, ...stronger?.headers };
      const request = requestWith(headers, stronger?.url ?? weaker?.url);
      expect(await authenticator().authenticate(request, Date.now())).toMatchObject({ id: first });
    },
  );

  test('the cookie tidings_token wins over a session of the application', async () => {
    const request = requestWith({ cookie: `session=alice; tidings_token=${token({ sub: 'bob' })}` });
    expect(await authenticator().authenticate(request, Date.now())).toMatchObject({ id: 'bob' });
    expect(address.asked).toBe(0);
  });
});

it('says once where tokens seem to have their roles, if not in the claim that is read', async () => {
  const found = { realm_access: { roles: ['admin'] } };
  const [unset, set] = [
    authenticator({}),
    authenticator({ claims: { ...defaultClaims, roles: 'realm_access.roles' } }),
  ];
  for (const sub of ['ann', 'bob']) {
    expect(await unset.identify(token({ sub, ...found }), Date.now())).toMatchObject({ roles: [] });
  }
  expect(told).toMatchObject([
    {
      type: 'roles_elsewhere',
      found: 'realm_access.roles',
      todo: expect.stringMatching(
        /^to read roles from there, set auth\.claims\.roles \(--roles-claim, .*\) to realm_access\.roles$/,
      ),
    },
  ]);
  expect(await set.identify(token({ sub: 'ann', ...found }), Date.now())).toMatchObject({ roles: ['admin'] });
  expect(told).toHaveLength(1);
});

import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { SharedSecret } from './shared-secret.ts';

const [secret, other] = ['a secret that is more than long enough', 'another secret that is long enough too'];
const now = new Date('2026-01-31T09:30:00Z');
const seconds = now.getTime() / 1_000;
const options: JWTVerifyOptions = { currentDate: now, clockTolerance: 60, issuer: 'https://issuer.example' };

const base64url = (value: string) => Buffer.from(value).toString('base64url');

/** The outcome of a check, in what can be compared. */
const outcomeOf = (verified: Promise<JWTVerifyResult>) =>
  verified.then(
    ({ payload, protectedHeader }) => ({ payload, protectedHeader }),
    ({ code, claim, payload }) => ({ code, claim, payload }),
  );

const header = fc.record(
  {
    alg: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>('HS256', 'HS384', 'HS512') },
      fc.constantFrom<unknown>('none', 'RS256', 'hs256', 'constructor', '__proto__', 7, null),
    ),
    typ: fc.constantFrom('JWT', 'at+jwt'),
    kid: fc.string(),
    crit: fc.constantFrom<unknown>(['exp'], ['b64'], [], 'exp'),
    b64: fc.boolean(),
  },
  { requiredKeys: ['alg'] },
);
const claims = fc.record(
  {
    sub: fc.string(),
    iss: fc.constantFrom('https://issuer.example', 'https://other.example'),
    exp: fc.constantFrom<unknown>(seconds + 1, seconds - 59, seconds - 61, '1', null),
    nbf: fc.constantFrom<unknown>(seconds, seconds + 59, seconds + 61, true),
    iat: fc.constantFrom<unknown>(seconds, 'now'),
  },
  { requiredKeys: ['sub'] },
);
/** Tokens as they are signed, and as they are then bent. */
const bent = fc.constantFrom<(token: string) => string>(
  ...[
    (token: string) => token,
    (token: string) => `${token}=`,
    (token: string) => `${token} `,
    (token: string) => `${token.slice(0, -1)}${token.at(-1) === 'A' ? 'B' : 'A'}`,
    (token: string) => token.replace('.', '..'),
    (token: string) => token.slice(0, token.lastIndexOf('.') + 1),
    (token: string) => token.slice(0, token.lastIndexOf('.')),
    (token: string) => `${token}.`,
    (token: string) => token.replaceAll('-', '+').replaceAll('_', '/'),
    (token: string) => `x${token}`,
  ],
);

const signed = (body: object, by = secret) => {
  const text = `${base64url(JSON.stringify({ alg: 'HS256' }))}.${base64url(JSON.stringify(body))}`;
  return `${text}.${createHmac('sha256', by).update(text).digest('base64url')}`;
};

test.each([
  ['a good token', signed({ sub: 'ann', iss: options.issuer }), { payload: { sub: 'ann', iss: options.issuer } }],
  ['an expired one', signed({ iss: options.issuer, exp: seconds - 61 }), { code: 'ERR_JWT_EXPIRED' }],
  ['another secret’s', signed({ iss: options.issuer }, other), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }],
])('%s', async (_name, token, outcome) => {
  expect(await outcomeOf(new SharedSecret(secret).verify(token, options))).toMatchObject(outcome);
});

test('a token comes out as jose alone would have it, whatever its header, claims, signature and spelling', async () => {
  const shared = new SharedSecret(secret);
  const key = createSecretKey(Buffer.from(secret));
  const algorithms = ['HS256', 'HS384', 'HS512'];
  await fc.assert(
    fc.asyncProperty(
      ...[header, fc.oneof(claims, fc.jsonValue()), fc.boolean(), bent],
      async (head, body, isOurs, bend) => {
        const signed = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(body))}`;
        const hash = String(head.alg).startsWith('HS') ? `sha${String(head.alg).slice(2)}` : 'sha256';
        const mac = createHmac(hash, isOurs ? secret : other).update(signed);
        const token = bend(`${signed}.${mac.digest('base64url')}`);
        const expected = await outcomeOf(jwtVerify(token, key, { ...options, algorithms }));
        expect(await outcomeOf(shared.verify(token, options))).toEqual(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { answers, answersJson, outages, TestAddress } from '../../testing/test-address.ts';
import { KeySet } from './key-set.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>> & { alg: string; kid: string };

const start = 1_790_000_000_000;
let address: TestAddress;
let one: Pair;
let two: Pair;
let three: Pair;
beforeAll(async () => {
  address = await TestAddress.open(answers(500));
  [one, two, three] = await Promise.all([pair('ES256', 'k1'), pair('ES256', 'k2'), pair('ES256', 'k3')]);
});
beforeEach(() => {
  address.asked = 0;
});
afterAll(() => address.close());

const pair = async (alg: string, kid: string): Promise<Pair> => ({
  ...(await generateKeyPair(alg, { extractable: true })),
  ...{ alg, kid },
});
const published = async ({ publicKey, alg, kid }: Pair, over: object = {}): Promise<JWK> => ({
  ...(await exportJWK(publicKey)),
  ...{ kid, alg, use: 'sig', ...over },
});
const publish = async (...pairs: Pair[]) =>
  address.becomes(answersJson({ keys: await Promise.all(pairs.map((each) => published(each))) }));
const signed = ({ privateKey, alg, kid }: Pair, header: object = {}): Promise<string> =>
  new SignJWT({ sub: kid }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

const timeoutMs = 1_000;
const verify = async (keys: KeySet, token: string, now = start): Promise<string> =>
  keys.verify(token, {}, now).then(
    ({ payload }) => `is ${payload.sub}`,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('an outage is not a verdict', () => {
  test.each(Object.keys(outages))('an address that %s', async (name) => {
    address.becomes(outages[name] as (typeof outages)[string]);
    const keys = new KeySet(address.url, timeoutMs);
    expect(await verify(keys, await signed(one))).toMatch(
      /^unavailable: the user cannot be determined now: auth\.jwksUrl \(--jwks-url\) /,
    );
    await publish(one);
    expect(await verify(keys, await signed(one), start + 1_000)).toBe('is k1');
  });

  test('an address whose answer does not end is not heard to the end', async () => {
    address.becomes(outages['never ends'] as (typeof outages)[string]);
    const verdict = await verify(new KeySet(address.url), await signed(one));
    expect(verdict).toMatch(/^unavailable: .*auth\.jwksUrl \(--jwks-url\) answers more than 1 MiB$/);
  });

  test('an address where nobody listens', async () => {
    const keys = new KeySet('http://127.0.0.1:1/keys', timeoutMs);
    expect(await verify(keys, await signed(one))).toMatch(
      /^unavailable: .*auth\.jwksUrl \(--jwks-url\) does not answer/,
    );
  });

  test('is asked about once a second', async () => {
    address.becomes(answers(500));
    const keys = new KeySet(address.url, timeoutMs);
    const token = await signed(one);
    await Promise.all(Array.from({ length: 20 }, () => verify(keys, token)));
    await verify(keys, token, start + 999);
    expect(address.asked).toBe(1);
    await verify(keys, token, start + 1_000);
    expect(address.asked).toBe(2);
  });

  test('leaves the keys that were read last in force for an hour', async () => {
    await publish(one);
    const keys = new KeySet(address.url, timeoutMs);
    const token = await signed(one);
    expect(await verify(keys, token)).toBe('is k1');
    address.becomes(answers(500));
    expect(await verify(keys, token, start + 3_599_000)).toBe('is k1');
    expect(address.asked).toBe(2);
    expect(await verify(keys, token, start + 3_601_000)).toMatch(/^unavailable/);
  });
});

describe('a key that is new', () => {
  test('is fetched at once; one more within three seconds is nobody’s fault', async () => {
    await publish(one);
    const keys = new KeySet(address.url);
    expect(await verify(keys, await signed(one))).toBe('is k1');
    await publish(one, two);
    expect(await verify(keys, await signed(two), start + 1_000)).toBe('is k2');
    await publish(two, three);
    expect(await verify(keys, await signed(three), start + 2_000)).toMatch(/^unavailable: .*read again soon/);
    expect(await verify(keys, await signed(three), start + 4_000)).toBe('is k3');
    expect(address.asked).toBe(3);
  });

  test('is fetched once for all tokens that come with it, which wait for it', async () => {
    await publish(one);
    const keys = new KeySet(address.url);
    await verify(keys, await signed(one));
    await publish(one, two);
    const token = await signed(two);
    const now = start + 1_000;
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => verify(keys, token, now))))).toEqual(
      new Set(['is k2']),
    );
    expect(address.asked).toBe(2);
  });

  test('and was not published is a bad token', async () => {
    await publish(one);
    const keys = new KeySet(address.url);
    expect(await verify(keys, await signed(two))).toMatch(/^ERR_JWKS_NO_MATCHING_KEY/);
    expect(address.asked).toBe(1);
    expect(await verify(keys, await signed(two), start + 500)).toMatch(/^ERR_JWKS_NO_MATCHING_KEY/);
    expect(address.asked).toBe(2);
  });

  test('is fetched where it has taken the name of another, or has none', async () => {
    const renamed = { ...two, kid: 'k1' };
    await publish(one);
    const keys = new KeySet(address.url);
    expect(await verify(keys, await signed(one))).toBe('is k1');
    await publish(renamed);
    expect(await verify(keys, await signed(renamed), start + 1_000)).toBe('is k1');
    await publish(three);
    expect(await verify(keys, await signed(three, { kid: undefined }), start + 5_000)).toBe('is k3');
    const forged = await verify(keys, await signed(one, { kid: 'k3' }), start + 6_000);
    expect(forged).toMatch(/^ERR_JWS_SIGNATURE_VERIFICATION_FAILED/);
  });
});

test('a token that names no key is tried with each that fits', async () => {
  await publish(one, two, three);
  const keys = new KeySet(address.url);
  for (const each of [one, two, three]) {
    expect(await verify(keys, await signed(each, { kid: undefined }))).toBe(`is ${each.kid}`);
  }
  const stranger = await pair('ES256', 'k4');
  expect(await verify(keys, await signed(stranger, { kid: undefined }))).toMatch(/SIGNATURE_VERIFICATION_FAILED/);
});

describe('one bad key spoils no set', () => {
  it.each<[string, (good: JWK) => unknown[]]>([
    ['what is no key', (good) => [null, 7, 'x', good]],
    ['one of the same name that is too short', (good) => [{ ...good, n: 'AQAB' }, good]],
    ['one of the same name that is too short, behind', (good) => [good, { ...good, n: 'AQAB' }]],
  ])('%s', async (_what, keys) => {
    const rsa = await pair('RS256', 'k1');
    address.becomes(answersJson({ keys: keys(await published(rsa)) }));
    expect(await verify(new KeySet(address.url), await signed(rsa))).toBe('is k1');
    const stranger = await pair('RS256', 'k1');
    expect(await verify(new KeySet(address.url), await signed(stranger))).not.toMatch(/^is/);
  });
});

describe('what is wrong with a key set is said', () => {
  const certificate = { kty: 'RSA', kid: 'k1', alg: 'RS256', x5c: ['MIIB'] };
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a key instead of a set',
      () => published(one),
      /answers one key instead of a set of keys, \{"keys": \[\.\.\.\]\}/,
    ],
    ['other JSON', async () => ({ issuer: 'x' }), /answers JSON instead of a set of keys/],
    ['an empty set', async () => ({ keys: [] }), /without a usable key: it is empty/],
    ['certificates only', async () => ({ keys: [certificate] }), /is a certificate \(x5c\) only and lacks n and e/],
    ['a secret', async () => ({ keys: [{ kty: 'oct', k: 'AAAA' }] }), /a key of type "oct" is no public key/],
    ['what is no key', async () => ({ keys: [null, 7] }), /is no public key/],
    ['a private key', async () => ({ keys: [await exportJWK(one.privateKey)] }), /a private key, which must not be/],
  ])('%s', async (_what, set, message) => {
    address.becomes(answersJson(await set()));
    expect(await verify(new KeySet(address.url), await signed(one))).toMatch(message);
  });

  it('one key that cannot be used among others that can', async () => {
    address.becomes(answersJson({ keys: [null, { ...certificate, kty: 'EC' }, await published(two)] }));
    const keys = new KeySet(address.url);
    expect(await verify(keys, await signed(two))).toBe('is k2');
    expect(await verify(keys, await signed(one))).toMatch(/^unavailable: .*a certificate \(x5c\) only and lacks crv/);
  });
});

test.each([...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']])(
  '%s is verified',
  async (alg) => {
    const keys = await pair(alg, 'k1');
    await publish(keys);
    const token = await signed(keys);
    expect(await verify(new KeySet(address.url), token)).toBe('is k1');
  },
);

test.each([
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'EdDSA'],
])('a key published for %s verifies a token signed as %s', async (alg, other) => {
  const keys = await pair('EdDSA', 'k1');
  address.becomes(answersJson({ keys: [await published(keys, { alg })] }));
  expect(await verify(new KeySet(address.url), await signed(keys, { alg: other }))).toBe('is k1');
});

import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { secret, token } from '../../testing/tokens.ts';
import { silent } from '../telemetry/events.ts';
import { defaultClaims } from './claims.ts';
import { IdentityNotices } from './identity-notices.ts';
import { Tokens } from './tokens.ts';

const start = 1_790_000_000_000;
const seconds = start / 1_000;

const tokens = (clockTolerance = 60) => {
  const options = { secret, jwksUrl: null, issuer: null, audience: null, claims: defaultClaims, clockTolerance };
  return new Tokens(options, new IdentityNotices(silent));
};
const identify = (text: string, { now = start, clockTolerance = 60 } = {}) =>
  tokens(clockTolerance).identify(text, now);
const refusal = (message: string | RegExp) =>
  expect.objectContaining({ code: 'unauthenticated', message: expect.stringMatching(message) });

describe('which tokens are access tokens', () => {
  it.each([
    ['simplejwt', { token_type: 'refresh' }, {}, /token_type is "refresh"; only access tokens are accepted/],
    ['flask-jwt-extended', { type: 'refresh' }, {}, /type is "refresh"/],
    ['Cognito’s ID token', { token_use: 'id' }, {}, /token_use is "id"/],
    ['Keycloak’s refresh token', { typ: 'Refresh' }, {}, /typ is "Refresh"/],
    ['Keycloak’s offline token', { typ: 'Offline' }, {}, /typ is "Offline"/],
    ['Keycloak’s ID token', { typ: 'ID' }, {}, /typ is "ID"/],
    ['a header', {}, { typ: 'Refresh' }, /header typ is "Refresh"/],
    ['a header of its own type', {}, { typ: 'application/rt+jwt' }, /header typ is "application\/rt\+jwt"/],
    ['a logout token', {}, { typ: 'logout+jwt' }, /header typ is "logout\+jwt"/],
    ['an ID token by header', {}, { typ: 'id_token' }, /header typ is "id_token"/],
    ['a type that is no text', { token_type: 7 }, {}, /token_type is 7/],
  ])('%s is refused by name', async (_name, claims, header, message) => {
    await expect(identify(token({ sub: 'ann', ...claims }, header))).rejects.toThrow(refusal(message));
  });

  it.each([
    ['RFC 9068', {}, { typ: 'at+jwt' }],
    ['RFC 9068, in full', {}, { typ: 'application/at+jwt' }],
    ['no type', {}, { typ: undefined }],
    ['Keycloak', { typ: 'Bearer' }, { typ: 'JWT' }],
    ['Cognito', { token_use: 'access' }, {}],
    ['flask-jwt-extended', { type: 'access' }, {}],
    ['simplejwt', { token_type: 'access' }, {}],
    ['OAuth', { token_type: 'Bearer' }, {}],
    ['an application’s own type', { type: 'employee' }, {}],
  ])('that of %s is taken', async (_name, claims, header) => {
    expect(await identify(token({ sub: 'ann', ...claims }, header))).toMatchObject({ id: 'ann' });
  });
});

describe('the clock', () => {
  const within = { nbf: seconds + 59, exp: seconds - 59 };
  it('may be a minute off, and a token lasts until that is over', async () => {
    const claims = await identify(token({ sub: 'ann', ...within }));
    expect(claims.expiresAt).toBe((seconds - 59) * 1_000 + 60_000);
  });

  it.each([
    [{ nbf: seconds + 61 }, 60, /not valid yet/],
    [{ exp: seconds - 60 }, 60, /has expired/],
    [{ nbf: seconds + 1 }, 0, /not valid yet/],
    [{ exp: seconds }, 0, /has expired/],
  ])('%j is refused with a tolerance of %i s', async (claims, clockTolerance, message) => {
    await expect(identify(token({ sub: 'ann', ...claims }), { clockTolerance })).rejects.toThrow(refusal(message));
  });

  it('is compared with the time of the question, also for a token that is known', async () => {
    const known = tokens();
    const text = token({ sub: 'ann', exp: seconds + 10 });
    expect(await known.identify(text, start + 69_000)).toMatchObject({ id: 'ann' });
    await expect(known.identify(text, start + 70_000)).rejects.toThrow('expired');
  });

  it.each(['exp', 'nbf', 'iat'])('%s in milliseconds is refused with that word', async (name) => {
    await expect(identify(token({ sub: 'ann', [name]: start }))).rejects.toThrow(
      refusal(`"${name}" must be seconds since 1970; got ${start}, which looks like milliseconds`),
    );
  });

  it.each([{ exp: '1790000000' }, { nbf: null }, { iat: true }])('%j is refused', async (claims) => {
    await expect(identify(token({ sub: 'ann', ...claims }))).rejects.toThrow(
      refusal(/must be seconds since 1970; got/),
    );
  });

  it.each([
    [61, 60, /issued in the future: its iat lies 61 s ahead of this server's clock, which may differ by 60 s/],
    [3_600, 60, /iat lies 3600 s ahead/],
    [1, 0, /iat lies 1 s ahead of this server's clock, which may differ by 0 s/],
  ])('an iat %i s ahead is refused with a tolerance of %i s', async (ahead, clockTolerance, message) => {
    const early = token({ sub: 'ann', iat: seconds + ahead });
    await expect(identify(early, { clockTolerance })).rejects.toThrow(refusal(message));
    expect(await identify(early, { clockTolerance: clockTolerance + ahead })).toMatchObject({ id: 'ann' });
  });

  it('tells the age of a token as its issuer does', async () => {
    const issuedAt = async (claims: object) => {
      const found = await identify(token({ sub: 'ann', ...claims }));
      return [found.issuedAt - start, found.isDated];
    };
    expect(await issuedAt({ iat: seconds + 5 })).toEqual([5_000, true]);
    expect(await issuedAt({ nbf: seconds - 5 })).toEqual([-5_000, true]);
    expect(await issuedAt({ iat: seconds + 60 })).toEqual([60_000, true]);
    expect(await issuedAt({})).toEqual([0, false]);
  });

  it.each([
    ['as it is', '', (text: string) => text],
    ['too long to be remembered', 'x'.repeat(8_192), (text: string) => text],
    ['in another spelling', '', (text: string) => `${text}\n`],
  ])('dates a token without iat by when it was first seen, %s', async (_name, more, spell) => {
    const all = tokens();
    const text = token({ sub: 'ann', more });
    expect(await all.identify(text, start)).toMatchObject({ issuedAt: start });
    expect(await all.identify(spell(text), start + 5_000)).toMatchObject({ issuedAt: start, isDated: false });
  });
});

describe('the signature', () => {
  it.each(['HS256', 'HS384', 'HS512'])('%s is taken where there is a secret', async (alg) => {
    const text = await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg }).sign(Buffer.from(secret));
    expect(await identify(text)).toMatchObject({ id: 'ann' });
  });

  it('an algorithm of key pairs is refused by its name where there is a secret', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const text = await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
    await expect(identify(text)).rejects.toThrow(refusal(/algorithm this server does not accept, EdDSA/));
  });

  it('says of an encrypted token that it is one', async () => {
    const header = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url');
    await expect(identify(`${header}..AAAA.AAAA.AAAA`)).rejects.toThrow(refusal(/encrypted/));
  });

  it('one token has one name to be revoked by, in whatever spelling of its signature it comes', async () => {
    const text = token({ sub: 'ann' });
    const { tokenId } = await identify(text);
    expect(tokenId).toMatch(/^sha256:/);
    expect((await identify(`${text} `)).tokenId).toBe(tokenId);
    expect((await identify(token({ sub: 'ann', n: 1 }))).tokenId).not.toBe(tokenId);
  });
});

it('a token is remembered as issuers write it, and in none of the spellings of which there is no end', async () => {
  const all = tokens();
  const text = token({ sub: 'ann' });
  expect(await all.identify(text, start)).toBe(await all.identify(text, start));
  for (const other of [`${text}${' '.repeat(50)}`, `${text}\n`, token({ sub: 'ann', more: 'x'.repeat(8_192) })]) {
    const first = await all.identify(other, start);
    expect(first).toMatchObject({ id: 'ann' });
    expect(await all.identify(other, start)).not.toBe(first);
  }
});

import { TidingsError } from '@tidings/protocol';
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyOptions, type JWTVerifyResult } from 'jose';
import { TokenExpired } from '../domain/token-expired.ts';
import { KeySet } from './key-set.ts';
import { SharedSecret } from './shared-secret.ts';
import { checkTimes } from './token-times.ts';

export interface SignatureOptions {
  /** The secret of HS256, HS384 or HS512 tokens, used as it is, of at least 32 bytes (RFC 7518 section 3.2). */
  secret: string | null;
  /** The address that publishes the keys of tokens that are signed with a private key. */
  jwksUrl: string | null;
  issuer: string | null;
  audience: string | null;
  /** The most by which the clocks of issuer and server may differ, seconds. Default 60. */
  clockTolerance: number;
}

/** Checks a token's signature, times, issuer and audience. `now` in epoch milliseconds. */
export type Verify = (token: string, now: number) => Promise<JWTVerifyResult>;

const algorithmsOfKeys = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
];

/** The algorithms are fixed by how the server is set up, never by the token. Null if it takes no tokens. */
export function verifierOf({ secret, jwksUrl, issuer, audience, clockTolerance }: SignatureOptions): Verify | null {
  const optionsAt = (now: number): JWTVerifyOptions => ({
    ...{ clockTolerance, currentDate: new Date(now) },
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  });
  if (jwksUrl !== null) {
    const keys = new KeySet(jwksUrl);
    return (token, now) => keys.verify(token, { ...optionsAt(now), algorithms: algorithmsOfKeys }, now);
  }
  if (secret === null) return null;
  const shared = new SharedSecret(secret);
  return (token, now) => shared.verify(token, optionsAt(now));
}

/** The error for a token that was not verified: `unauthenticated`, or `unavailable` if that is not the token's fault. */
export function failureOf(
  error: Error & { code?: string; payload?: JWTPayload; claim?: string },
  token: string,
): TidingsError {
  // A time in milliseconds is "not valid yet" too.
  if (error.payload) checkTimes(error.payload);
  const refused = (message: string): TidingsError => new TidingsError('unauthenticated', message);
  switch (error.code) {
    case undefined:
      return new TidingsError('unavailable', `the token cannot be checked: ${error.message}`, { cause: error });
    case 'ERR_JWT_EXPIRED':
      return new TokenExpired('the token has expired; fetch a new one');
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return refused(
        algorithmOf(token).startsWith('HS')
          ? 'the token was signed with another secret than this server has'
          : 'the token was signed with another key than those that are published',
      );
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return refused(
        error.claim === 'nbf'
          ? 'the token is not valid yet: its nbf lies in the future'
          : `the token's claim "${error.claim}" is not what this server expects`,
      );
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return refused(`the token is signed with an algorithm this server does not accept, ${algorithmOf(token)}`);
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return refused('no published key fits the token');
    default:
      return refused(
        token.split('.').length === 5
          ? 'the token is encrypted (JWE); a signed one is needed'
          : 'the token is not a JWT that this server can read',
      );
  }
}

const algorithmOf = (token: string): string => String(decodeProtectedHeader(token).alg).slice(0, 40);

import { createSecretKey, hash } from 'node:crypto';
import { isStorable } from '@tidings/protocol/schemas';
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Claims } from '../domain/identity.ts';

export interface TokenOptions {
  /** The secret of HS256 tokens; at least 32 bytes are advised (RFC 7518 section 3.2). */
  secret: string | null;
  /** Where the keys of RS256, ES256 or EdDSA tokens are published. */
  jwksUrl: string | null;
  issuer: string | null;
  audience: string | null;
  /** The claim that is the user's id. Default `sub`. */
  userClaim: string;
}

/** Why a token was not accepted, in words for its sender. */
export class TokenRefused extends Error {}

const remembered = 20_000;

/**
 * Verifies JWTs. The algorithms are fixed by how the server is set up, never by the token. A token that was verified
 * once is not verified again until it expires.
 */
export class Tokens {
  readonly #verify: ((token: string) => Promise<JWTPayload>) | null;
  readonly #userClaim: string;
  readonly #known = new Map<string, Claims>();

  constructor(options: TokenOptions) {
    this.#verify = verifierOf(options);
    this.#userClaim = options.userClaim;
  }

  /** Throws TokenRefused. */
  async identify(token: string, now: number): Promise<Claims> {
    const known = this.#known.get(token);
    if (known && (known.expiresAt === null || known.expiresAt > now)) return known;
    if (!this.#verify)
      throw new TokenRefused('this server was set up without --jwt-secret or --jwks-url, so it takes no tokens');
    const claims = claimsOf(await payloadOf(this.#verify, token), this.#userClaim, { token, now });
    if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(token, claims);
    return claims;
  }
}

async function payloadOf(verify: (token: string) => Promise<JWTPayload>, token: string): Promise<JWTPayload> {
  try {
    return await verify(token);
  } catch (error) {
    throw new TokenRefused(reasonOf(error as { code?: string; claim?: string }));
  }
}

function verifierOf(options: TokenOptions): ((token: string) => Promise<JWTPayload>) | null {
  const common: JWTVerifyOptions = {
    ...(options.issuer === null ? {} : { issuer: options.issuer }),
    ...(options.audience === null ? {} : { audience: options.audience }),
  };
  if (options.jwksUrl !== null) {
    const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(options.jwksUrl));
    const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
    return async (token) => (await jwtVerify(token, keys, { ...common, algorithms })).payload;
  }
  if (options.secret === null) return null;
  const key = createSecretKey(Buffer.from(options.secret));
  return async (token) => (await jwtVerify(token, key, { ...common, algorithms: ['HS256'] })).payload;
}

function reasonOf(error: { code?: string; claim?: string }): string {
  switch (error.code) {
    case 'ERR_JWT_EXPIRED':
      return 'the token has expired; fetch a new one';
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'the token was signed with another secret than this server has';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return error.claim === 'nbf'
        ? 'the token is not valid yet'
        : `the token's claim "${error.claim}" is not what this server expects`;
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'the token is signed with an algorithm this server does not accept';
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'no published key fits the token';
    case 'ERR_JWKS_TIMEOUT':
    case 'ERR_JOSE_GENERIC':
    case undefined:
      return 'the keys to check the token with could not be fetched';
    default:
      return 'the token is not a JWT that this server can read';
  }
}

/** Text of 1 to 256 characters that every database keeps. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 256 && isStorable(value);

/** A user's id as a token or session gives it: a string or number of up to 256 characters; null for anything else. */
export function userIdOf(value: unknown): string | null {
  const id = typeof value === 'number' ? String(value) : value;
  return isName(id) ? id : null;
}

/** The user's name as a token or session gives it, else the id. */
export const usernameOf = (value: unknown, id: string): string => (isName(value) ? value : id);

/** Names of roles or grants as a token or session gives them, each once; what could not be stored is nobody's name. */
export const namesOf = (value: unknown): string[] => (Array.isArray(value) ? [...new Set(value.filter(isName))] : []);

function claimsOf(payload: JWTPayload, userClaim: string, { token, now }: { token: string; now: number }): Claims {
  const id = userIdOf(payload[userClaim]);
  if (id === null) {
    throw new TokenRefused(`the token's claim "${userClaim}" must be the user's id, a string or number`);
  }
  if (payload.token_type !== undefined && payload.token_type !== 'access') {
    throw new TokenRefused(
      `the token's token_type is "${String(payload.token_type)}"; only access tokens are accepted`,
    );
  }
  const { iat, nbf = null, jti, exp } = payload;
  const issuedAt = iat ?? nbf;
  return {
    id,
    username: usernameOf(payload.username, id),
    roles: namesOf(payload.roles),
    grants: namesOf(payload.grants),
    expiresAt: exp === undefined ? null : exp * 1000,
    // One from the future would stand above all that is said until then.
    issuedAt: issuedAt === null ? now : Math.max(0, Math.floor(Math.min(issuedAt * 1000, now))),
    isDated: issuedAt !== null,
    tokenId: isName(jti) ? jti : `sha256:${hash('sha256', token, 'base64url')}`,
  };
}

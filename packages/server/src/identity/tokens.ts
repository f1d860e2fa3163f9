import { hash } from 'node:crypto';
import { TidingsError } from '@tidings/protocol';
import type { JWTPayload, JWTVerifyResult } from 'jose';
import type { Claims } from '../domain/identity.ts';
import { type ClaimNames, evidenceClaim, isName, readPerson, rolesElsewhere } from './claims.ts';
import type { IdentityNotices } from './identity-notices.ts';
import { checkIssued, checkTimes, timesOf } from './token-times.ts';
import { requireAccessToken } from './token-type.ts';
import { failureOf, type SignatureOptions, type Verify, verifierOf } from './token-verifier.ts';

export interface TokenOptions extends SignatureOptions {
  claims: ClaimNames;
}

const remembered = 20_000;

/**
 * True for a token that may be remembered: one as issuers write it. A signature may be read with any number of blanks in it, so that one user with
 * one token could have as much remembered as there is memory.
 */
const isUsual = (token: string): boolean => token.length <= 8_192 && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

/** Says whom tokens name. One that was verified once is not verified again until it expires. */
export class Tokens {
  readonly #verify: Verify | null;
  readonly #options: TokenOptions;
  readonly #notices: Pick<IdentityNotices, 'unreadable' | 'rolesElsewhere'>;
  readonly #known = new Map<string, Claims>();
  /** When tokens without a date were first seen, by token id, epoch milliseconds: a token in another spelling is no newer. */
  readonly #firstSeen = new Map<string, number>();

  constructor(options: TokenOptions, notices: Pick<IdentityNotices, 'unreadable' | 'rolesElsewhere'>) {
    this.#verify = verifierOf(options);
    this.#options = options;
    this.#notices = notices;
  }

  /** Throws TidingsError: `unauthenticated` for a token that was read and found bad, `unavailable` if it cannot be checked now. */
  async identify(token: string, now: number): Promise<Claims> {
    const known = this.#known.get(token);
    if (known && (known.expiresAt === null || known.expiresAt > now)) return known;
    if (!this.#verify) {
      const message =
        'this server was set up without auth.jwtSecret and auth.jwksUrl (--jwt-secret, --jwks-url), so it takes no tokens';
      throw new TidingsError('unauthenticated', message);
    }
    const claims = this.#claimsOf(token, await verified(this.#verify, token, now), now);
    if (!isUsual(token)) return claims;
    remember(this.#known, token, claims);
    return claims;
  }

  #claimsOf(token: string, { payload, protectedHeader }: JWTVerifyResult, now: number): Claims {
    requireAccessToken(payload, protectedHeader);
    checkTimes(payload);
    const { claims: names, clockTolerance } = this.#options;
    const tolerance = clockTolerance * 1_000;
    checkIssued(payload, now, tolerance);
    const tokenId = tokenIdOf(token, payload);
    const found = rolesElsewhere(payload, names.roles);
    if (found !== null) this.#notices.rolesElsewhere(names.roles, found);
    const describe = (name: string): string => `the token's claim "${name}"`;
    const isEvidence = payload[evidenceClaim] !== false;
    return {
      ...readPerson(payload, { names, describe, unreadable: this.#notices.unreadable }),
      ...(isEvidence ? {} : { username: null, roles: null }),
      ...timesOf(payload, () => this.#firstSeenAt(tokenId, now), tolerance),
      tokenId,
      isEvidence,
    };
  }

  #firstSeenAt(tokenId: string, now: number): number {
    const seen = this.#firstSeen.get(tokenId);
    if (seen === undefined) remember(this.#firstSeen, tokenId, now);
    return seen ?? now;
  }
}

function remember<V>(known: Map<string, V>, key: string, value: V): void {
  if (known.size >= remembered) known.delete(known.keys().next().value as string);
  known.set(key, value);
}

async function verified(verify: Verify, token: string, now: number): Promise<JWTVerifyResult> {
  try {
    return await verify(token, now);
  } catch (error) {
    if (error instanceof TidingsError) throw error;
    throw failureOf(error as Error, token);
  }
}

/**
 * The id by which a token is revoked: its `jti`, or the hash of what its signature is over. The signature itself has several
 * spellings (blanks, unused bits, and ECDSA's other root), and the same token must not come back by one of them.
 */
function tokenIdOf(token: string, { jti }: JWTPayload & { jti?: unknown }): string {
  return isName(jti) ? String(jti) : `sha256:${hash('sha256', token.slice(0, token.lastIndexOf('.')), 'base64url')}`;
}

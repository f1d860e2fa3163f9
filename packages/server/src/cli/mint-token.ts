import { createSecretKey } from 'node:crypto';
import { TidingsError } from '@tidings/protocol';
import { SignJWT } from 'jose';
import { findDevFile } from '../config/dev.ts';
import { GivenSettings, type Sources } from '../config/sources.ts';
import { type ClaimNames, defaultClaims, evidenceClaim, readPerson } from '../identity/claims.ts';
import { tokenSettings } from './token-settings.ts';

export interface Claims {
  user: string;
  username?: string;
  roles?: readonly string[];
  grants?: readonly string[];
  /** False for a token that says nothing of name and roles. */
  evidence: boolean;
  /** Seconds. */
  expiresIn: number;
}

/** The secret that signs tokens, and the claims that the server expects. */
export interface Signing {
  secret: string;
  issuer?: string;
  audience?: string;
  claims: ClaimNames;
}

/** The configured secret, else that of `tidings dev`. Throws `bad_request` with what to set where there is none. */
export function signingOf(sources: Sources): Signing {
  const given = new GivenSettings(sources).read(tokenSettings);
  const { jwtSecret, jwksUrl, jwtIssuer, jwtAudience, userClaim, usernameClaim, rolesClaim } = given;
  const claims = {
    user: userClaim ?? defaultClaims.user,
    username: usernameClaim ?? defaultClaims.username,
    roles: rolesClaim ?? defaultClaims.roles,
  };
  if (jwtSecret === undefined && jwksUrl !== undefined) {
    throw new TidingsError(
      'bad_request',
      'tokens that are checked by --jwks-url are signed elsewhere, with a private key; only those of --jwt-secret can be made here',
    );
  }
  const secret = jwtSecret ?? findDevFile(process.cwd())?.jwt_secret;
  if (secret === undefined) {
    throw new TidingsError(
      'bad_request',
      'there is no secret to sign with: set --jwt-secret (TIDINGS_JWT_SECRET) to the server\'s, name the file of its settings by --config, or run this where "tidings dev" was started',
    );
  }
  return { secret, issuer: jwtIssuer, audience: jwtAudience, claims };
}

/** A JWT for a user, and when it ends. Throws `bad_request` for a user, name or role that the server would not read as it is. */
export async function mintToken(signing: Signing, claims: Claims): Promise<{ token: string; expiresAt: Date }> {
  const { user, username, roles, grants, evidence } = claims;
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    // A path may stand as one name: the server looks for that first.
    [signing.claims.user]: user,
    ...(username === undefined ? {} : { [signing.claims.username]: username }),
    ...(roles?.length ? { [signing.claims.roles]: roles } : {}),
    ...(grants?.length ? { grants } : {}),
    ...(evidence ? {} : { [evidenceClaim]: false }),
  };
  checkClaims(payload, signing.claims);
  const jwt = new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt(now);
  jwt.setExpirationTime(now + claims.expiresIn);
  if (signing.issuer !== undefined) jwt.setIssuer(signing.issuer);
  if (signing.audience !== undefined) jwt.setAudience(signing.audience);
  const token = await jwt.sign(createSecretKey(Buffer.from(signing.secret)));
  return { token, expiresAt: new Date((now + claims.expiresIn) * 1000) };
}

function checkClaims(payload: object, names: ClaimNames): void {
  const describe = (name: string): string => `the claim "${name}"`;
  const unreadable = (what: string, value: unknown): never => {
    throw new Error(`${what} cannot hold ${JSON.stringify(value).slice(0, 60)}`);
  };
  try {
    readPerson(payload, { names, describe, unreadable });
  } catch (error) {
    throw new TidingsError('bad_request', (error as Error).message);
  }
}

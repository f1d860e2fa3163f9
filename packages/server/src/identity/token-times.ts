import { TidingsError } from '@tidings/protocol';
import type { JWTPayload } from 'jose';

/** Seconds from here on are some three thousand years away; milliseconds from here on are 1973. */
const milliseconds = 1e11;

/** Refuses times that are no seconds since 1970 (RFC 7519 section 2). Throws `unauthenticated`. */
export function checkTimes(payload: JWTPayload): void {
  for (const name of ['exp', 'nbf', 'iat']) {
    const value = payload[name];
    if (value === undefined) continue;
    const isNumber = typeof value === 'number';
    if (isNumber && Math.abs(value) < milliseconds) continue;
    const got = `${JSON.stringify(value).slice(0, 20)}${isNumber ? ', which looks like milliseconds' : ''}`;
    throw new TidingsError('unauthenticated', `the token's claim "${name}" must be seconds since 1970; got ${got}`);
  }
}

export interface TokenTimes {
  expiresAt: number | null;
  issuedAt: number;
  isDated: boolean;
}

/**
 * When a token ends and how old it is, epoch milliseconds; `tolerance` in ms. The issuer's clock is compared with itself: the
 * date of a token is never cut to what this server's clock says, which another node or a later start would cut elsewhere.
 * A date beyond the tolerance says nothing of the token's age.
 */
export function timesOf({ exp, nbf, iat }: JWTPayload, now: number, tolerance: number): TokenTimes {
  const said = iat ?? nbf;
  const date = said === undefined ? null : Math.floor(said * 1_000);
  const isDated = date !== null && date <= now + tolerance;
  return {
    expiresAt: exp === undefined ? null : exp * 1_000 + tolerance,
    issuedAt: isDated ? Math.max(0, date) : now,
    isDated,
  };
}

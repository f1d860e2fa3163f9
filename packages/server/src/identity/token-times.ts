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
 * Refuses a token whose `iat` lies further ahead than the clocks of issuer and server may differ; `tolerance` in ms. Its roles would
 * stand above all that is said until then. Throws `unauthenticated`.
 */
export function checkIssued({ iat }: JWTPayload, now: number, tolerance: number): void {
  if (iat === undefined || iat * 1_000 <= now + tolerance) return;
  const ahead = Math.ceil((iat * 1_000 - now) / 1_000);
  throw new TidingsError(
    'unauthenticated',
    `the token was issued in the future: its iat lies ${ahead} s ahead of this server's clock, which may differ by ${tolerance / 1_000} s`,
  );
}

/**
 * When a token ends and how old it is, epoch milliseconds; `tolerance` in ms, `firstSeen` is the date of a token that has none. The
 * issuer's clock is compared with itself: the date of a token is never cut to what this server's clock says, which another node or a
 * later start would cut elsewhere.
 */
export function timesOf({ exp, nbf, iat }: JWTPayload, firstSeen: () => number, tolerance: number): TokenTimes {
  const date = iat ?? nbf;
  return {
    expiresAt: exp === undefined ? null : exp * 1_000 + tolerance,
    issuedAt: date === undefined ? firstSeen() : Math.max(0, Math.floor(date * 1_000)),
    isDated: date !== undefined,
  };
}

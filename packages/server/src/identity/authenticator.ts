import type { IncomingMessage } from 'node:http';
import { TidingsError } from '@tidings/protocol';
import type { ApplicationUser, Claims, Identity } from '../domain/identity.ts';
import { inTime } from '../domain/in-time.ts';
import { networkOf } from '../domain/network.ts';
import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { badAnswer, defaultTimeoutMs } from './ask-service.ts';
import { defaultClaims, readPerson } from './claims.ts';
import { IdentityNotices } from './identity-notices.ts';
import type { Origins } from './origins.ts';
import type { RoleDirectory } from './role-directory.ts';
import { requireUser, SessionUrl } from './session-url.ts';
import { queryOf, tokenOf } from './token-carriers.ts';
import { type TokenOptions, Tokens } from './tokens.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** The application's own authentication: null or undefined for a request of no known user. */
export type Authenticate = (
  request: IncomingMessage,
) => ApplicationUser | null | undefined | Promise<ApplicationUser | null | undefined>;

export interface AuthenticatorOptions extends TokenOptions {
  authenticate: Authenticate | null;
  /** An address of the application that names the user of a session: it is sent the Cookie and Authorization headers. */
  authUrl: string | null;
  /** Trusts `?user=alice&roles=admin&grants=project:12:rw`, and takes user `demo` without it. For development on loopback only. */
  trustQuery: boolean;
  /** Time limit of `authenticate` and `authUrl`, ms. Default 5,000. */
  timeoutMs?: number;
}

/** Refuses people who were locked out. */
interface RevocationCheck {
  /** @returns the reason as a text for the person, null if the person may connect */
  refusal(claims: Claims): string | null;
}

export interface AuthenticatorParts {
  roles: Pick<RoleDirectory, 'accept'>;
  revocations: RevocationCheck;
  clock: Pick<Clock, 'after'>;
  origins: Pick<Origins, 'takesCookies'>;
  proxies: Pick<TrustedProxies, 'placeOf'>;
  telemetry: Telemetry;
}

/**
 * Finds the user of a request, with the current roles; refuses users who were locked out. Throws TidingsError: `unauthenticated` is a verdict
 * on the caller, `unavailable` means that the source of identities does not answer.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #parts: AuthenticatorParts;
  readonly #tokens: Tokens;
  readonly #sessions: SessionUrl | null;
  readonly #notices: IdentityNotices;
  readonly #timeoutMs: number;

  constructor(options: AuthenticatorOptions, parts: AuthenticatorParts) {
    const { authUrl, timeoutMs = defaultTimeoutMs } = options;
    this.#options = options;
    this.#parts = parts;
    this.#timeoutMs = timeoutMs;
    this.#notices = new IdentityNotices(parts.telemetry);
    this.#tokens = new Tokens(options, this.#notices);
    this.#sessions = authUrl === null ? null : new SessionUrl(authUrl, timeoutMs);
  }

  /** The user of a token. */
  identify(token: string, now: number): Promise<Identity> {
    return this.#noticing(now, async () => this.#letIn(await this.#tokens.identify(token, now)));
  }

  /** The user of a request, by any carrier. */
  authenticate(request: IncomingMessage, now: number): Promise<Identity> {
    return this.#noticing(now, async () => this.#letIn(await this.#claimsOf(request, now)));
  }

  /** The reason why a connected user may not stay; null if the user may. */
  refusal(identity: Identity): string | null {
    return this.#parts.revocations.refusal(identity);
  }

  async #claimsOf(request: IncomingMessage, now: number): Promise<Claims> {
    const token = tokenOf(request, this.#parts.origins.takesCookies(request));
    // An application's own session may be sent as a bearer token too: a token that is no JWT is left to the application.
    const isOurs = token !== null && (isJwt(token) || !this.#knowsSessions);
    const claims = isOurs ? null : await this.#sessionClaims(request, now);
    if (claims) return claims;
    if (token !== null) return this.#tokens.identify(token, now);
    const message = this.#knowsSessions
      ? 'nobody is signed in: the application knows no session of this request, and no token came'
      : 'no token came: send ?token=, "Authorization: Bearer", subprotocols "tidings.v1, bearer.<jwt>" or the cookie tidings_token';
    throw new TidingsError('unauthenticated', message);
  }

  async #letIn(claims: Claims): Promise<Identity> {
    this.#checkLockedOut(claims);
    const identity = await this.#parts.roles.accept(claims);
    // It may have come to pass meanwhile.
    this.#checkLockedOut(claims);
    return identity;
  }

  #checkLockedOut(claims: Claims): void {
    const reason = this.#parts.revocations.refusal(claims);
    if (reason !== null) throw new TidingsError('unauthenticated', reason);
  }

  get #knowsSessions(): boolean {
    return this.#options.authenticate !== null || this.#sessions !== null;
  }

  /** The claims of an application's own session, or in development of the query. */
  async #sessionClaims(request: IncomingMessage, now: number): Promise<Claims | null> {
    const { authenticate, trustQuery } = this.#options;
    const user = authenticate === null ? null : await this.#applicationUser(authenticate, request);
    if (user) return this.#sessionOf(user, now, 'authenticate()');
    const answer = await this.#sessions?.userOf(request, networkOf(this.#parts.proxies.placeOf(request).address), now);
    if (answer?.user) return this.#sessionOf(answer.user, answer.at, 'auth.url (--auth-url)');
    return trustQuery ? this.#queryClaims(request, now) : null;
  }

  /** Asks the application. If it throws, takes too long or answers no user, that is its failure, not the caller's. */
  async #applicationUser(authenticate: Authenticate, request: IncomingMessage): Promise<ApplicationUser | null> {
    const name = 'authenticate()';
    const asked = (async () => authenticate(request))();
    const user = await this.#within(asked, name).catch((error: Error) => {
      throw error instanceof TidingsError ? error : badAnswer(name, 'throws', error);
    });
    return user ? requireUser(user, () => badAnswer(name, 'returns neither a user, {sub, ...}, nor null')) : null;
  }

  #sessionOf(user: ApplicationUser, issuedAt: number, source: string): Claims {
    const describe = (name: string): string => `"${name}" of ${source}`;
    const person = readPerson(user, { names: defaultClaims, describe, unreadable: this.#notices.unreadable });
    return { ...person, expiresAt: null, issuedAt, isDated: true, tokenId: null, isEvidence: true };
  }

  /** Trusts a query, which says nothing of the name. Without `roles` the roles are unknown; an empty `roles` means none. */
  #queryClaims(request: IncomingMessage, now: number): Claims {
    const query = queryOf(request);
    const roles = query.get('roles');
    const listOf = (text: string | null) => text?.split(',').filter(Boolean);
    const user = { sub: query.get('user') || 'demo', roles: listOf(roles), grants: listOf(query.get('grants')) };
    const claims = this.#sessionOf(user, now, 'the query');
    return { ...claims, username: null, roles: roles === null ? null : claims.roles };
  }

  /** Stops waiting after a time limit; a later answer is dropped. */
  #within<T>(work: Promise<T>, name: string): Promise<T> {
    return inTime(this.#parts.clock, this.#timeoutMs, work, () => {
      throw badAnswer(name, `does not answer within ${this.#timeoutMs / 1_000} s`);
    });
  }

  async #noticing<T>(now: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TidingsError && error.code === 'unavailable') this.#notices.unavailable(error, now);
      throw error;
    }
  }
}

const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);

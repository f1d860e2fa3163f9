import type { IncomingMessage } from 'node:http';
import type { ApplicationUser, Claims, Identity } from '../domain/identity.ts';
import type { Revocations } from './revocations.ts';
import type { Rights } from './rights.ts';
import { SessionUrl } from './session-url.ts';
import { namesOf, type TokenOptions, TokenRefused, Tokens, userIdOf, usernameOf } from './tokens.ts';

/** An application's own way to know its users: null or undefined where the request comes from nobody it knows. */
export type Authenticate = (
  request: IncomingMessage,
) => ApplicationUser | null | undefined | Promise<ApplicationUser | null | undefined>;

export interface AuthenticatorOptions extends TokenOptions {
  authenticate: Authenticate | null;
  /** An address that knows the application's session: asked with the Cookie and Authorization headers. */
  authUrl: string | null;
  /** Takes `?user=alice&roles=admin` at its word, and user `demo` without. For development on loopback only. */
  trustQuery: boolean;
}

/** The cookie that `POST /api/v1/session` sets. */
export const tokenCookie = 'tidings_token';

/** What is known of people beside what their tokens say. */
export interface PeopleKnown {
  rights: Pick<Rights, 'accept'>;
  revocations: Pick<Revocations, 'refusal'>;
}

/** Says who a request comes from, with the roles that hold; refuses who was locked out. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #known: PeopleKnown;
  readonly #tokens: Tokens;
  readonly #sessions: SessionUrl | null;

  constructor(options: AuthenticatorOptions, known: PeopleKnown) {
    this.#options = options;
    this.#known = known;
    this.#tokens = new Tokens(options);
    this.#sessions = options.authUrl === null ? null : new SessionUrl(options.authUrl);
  }

  /** The user of a token. Throws TokenRefused. */
  async identify(token: string, now: number): Promise<Identity> {
    return this.#letIn(await this.#tokens.identify(token, now));
  }

  /** The user of a request, by any carrier; throws TokenRefused with what to do where there is none. */
  async authenticate(request: IncomingMessage, now: number): Promise<Identity> {
    const token = tokenOf(request);
    // An application's own session may travel as a bearer token too: one that is no JWT is not for us to judge.
    const isOurs = token !== null && (isJwt(token) || !this.#knowsSessions);
    const claims = isOurs ? null : await this.#sessionClaims(request, now);
    if (claims) return this.#letIn(claims);
    if (token !== null) return this.identify(token, now);
    throw new TokenRefused(
      'no token came: send ?token=, "Authorization: Bearer", the subprotocols "tidings.v1, bearer.<jwt>" or the cookie tidings_token',
    );
  }

  /** Why somebody who was let in may not stay; null where they may. */
  refusal(identity: Identity): string | null {
    return this.#known.revocations.refusal(identity);
  }

  async #letIn(claims: Claims): Promise<Identity> {
    const reason = this.#known.revocations.refusal(claims);
    if (reason !== null) throw new TokenRefused(reason);
    return this.#known.rights.accept(claims);
  }

  get #knowsSessions(): boolean {
    return this.#options.authenticate !== null || this.#sessions !== null;
  }

  /** What an application's own session says, or in development the query. */
  async #sessionClaims(request: IncomingMessage, now: number): Promise<Claims | null> {
    const user = await this.#options.authenticate?.(request);
    if (user) return claimsOf(user, now);
    const answer = await this.#sessions?.userOf(request, now);
    if (answer?.user) return claimsOf(answer.user, answer.at);
    return this.#options.trustQuery ? queryClaims(request, now) : null;
  }
}

export const queryOf = (request: IncomingMessage): URLSearchParams =>
  new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '');

/** What the Authorization header carries: a user's token or a back end's key; null without one. */
export const bearerOf = (request: IncomingMessage): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);

/** The token of a request: query, header, subprotocol, cookie. */
function tokenOf(request: IncomingMessage): string | null {
  const fromQuery = queryOf(request).get('token');
  if (fromQuery) return fromQuery;
  const bearer = bearerOf(request);
  if (bearer !== null) return bearer;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const carried = protocols.find((name) => name.startsWith('bearer.'));
  if (carried) return carried.slice('bearer.'.length);
  return cookieOf(request, tokenCookie);
}

function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value) return value.trim();
  }
  return null;
}

function claimsOf(user: ApplicationUser, issuedAt: number): Claims {
  const id = userIdOf(user.sub);
  if (id === null) throw new TokenRefused("the application's session names no user: `sub` must be a string or number");
  return {
    ...{ id, username: usernameOf(user.username, id), roles: namesOf(user.roles), grants: namesOf(user.grants) },
    ...{ expiresAt: null, issuedAt, isDated: true, tokenId: null },
  };
}

/** Takes a query at its word; one without `roles` says nothing of them, and an empty one says that there are none. */
function queryClaims(request: IncomingMessage, now: number): Claims {
  const query = queryOf(request);
  const claims = claimsOf({ sub: query.get('user') || 'demo' }, now);
  const roles = query.get('roles');
  return { ...claims, roles: roles === null ? null : namesOf(roles.split(',')) };
}

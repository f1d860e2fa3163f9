import type { IncomingMessage } from 'node:http';
import type { ApplicationUser, Identity } from '../domain/identity.ts';
import { SessionUrl } from './session-url.ts';
import { strings, type TokenOptions, TokenRefused, Tokens, userIdOf } from './tokens.ts';

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

/** Says who a request comes from. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #tokens: Tokens;
  readonly #sessions: SessionUrl | null;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#tokens = new Tokens(options);
    this.#sessions = options.authUrl === null ? null : new SessionUrl(options.authUrl);
  }

  /** The user of a token. Throws TokenRefused. */
  identify(token: string, now: number): Promise<Identity> {
    return this.#tokens.identify(token, now);
  }

  /** The user of a request, by any carrier; throws TokenRefused with what to do where there is none. */
  async authenticate(request: IncomingMessage, now: number): Promise<Identity> {
    const token = tokenOf(request);
    // An application's own session may travel as a bearer token too: one that is no JWT is not for us to judge.
    const isOurs = token !== null && (isJwt(token) || !this.#knowsSessions);
    const user = isOurs ? null : await this.#applicationUser(request, now);
    if (user) return identityOf(user);
    if (token !== null) return this.identify(token, now);
    throw new TokenRefused(
      'no token came: send ?token=, "Authorization: Bearer", the subprotocols "tidings.v1, bearer.<jwt>" or the cookie tidings_token',
    );
  }

  get #knowsSessions(): boolean {
    return this.#options.authenticate !== null || this.#sessions !== null;
  }

  async #applicationUser(request: IncomingMessage, now: number): Promise<ApplicationUser | null> {
    const user = await this.#options.authenticate?.(request);
    return user ?? (await this.#sessions?.userOf(request, now)) ?? this.#queryUser(request);
  }

  #queryUser(request: IncomingMessage): ApplicationUser | null {
    if (!this.#options.trustQuery) return null;
    const query = queryOf(request);
    const roles = query.get('roles');
    return { sub: query.get('user') || 'demo', roles: roles ? roles.split(',').filter(Boolean) : [] };
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

function identityOf(user: ApplicationUser): Identity {
  const id = userIdOf(user.sub);
  if (id === null) throw new TokenRefused("the application's session names no user: `sub` must be a string or number");
  const username = typeof user.username === 'string' && user.username !== '' ? user.username : id;
  return { id, username, roles: strings(user.roles), grants: strings(user.grants), expiresAt: null };
}

import type { IncomingMessage } from 'node:http';
import { TidingsError } from '@tidings/protocol';
import type { BackEnd } from '../../commands/context.ts';
import type { Identity } from '../../domain/identity.ts';
import type { ApiKeys } from '../../identity/api-keys.ts';
import type { Authenticator } from '../../identity/authenticator.ts';
import { bearerOf } from '../../identity/token-carriers.ts';

/** Identifies the caller of a route: a back end by its API key, a user by a token, cookie or session. */
export class Callers {
  readonly #keys: ApiKeys;
  readonly #authenticator: Authenticator;
  readonly #now: () => number;

  constructor(keys: ApiKeys, authenticator: Authenticator, now: () => number) {
    this.#keys = keys;
    this.#authenticator = authenticator;
    this.#now = now;
  }

  /** Throws `unauthenticated` if the request has no API key of ours. */
  backEnd(request: IncomingMessage): BackEnd {
    const scope = this.#scopeOf(request);
    if (scope !== null) return { kind: 'back_end', scope };
    const message = request.headers.authorization
      ? 'the API key is not one of this server; check TIDINGS_API_KEY on both sides'
      : 'back ends send "Authorization: Bearer <api key>"';
    throw new TidingsError('unauthenticated', message);
  }

  /** Throws `unauthenticated` if no token, cookie or session names the user, `unavailable` if the user cannot be determined now. */
  user(request: IncomingMessage): Promise<Identity> {
    return this.#authenticator.authenticate(request, this.#now());
  }

  /** A back end (null) or else a user, on routes that both may read. */
  async either(request: IncomingMessage): Promise<Identity | null> {
    return this.#scopeOf(request) === null ? this.user(request) : null;
  }

  #scopeOf(request: IncomingMessage): string | null {
    const bearer = bearerOf(request);
    return bearer === null ? null : this.#keys.nameOf(bearer);
  }
}

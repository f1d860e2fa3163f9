import type { IncomingMessage } from 'node:http';
import { TidingsError } from '@tidings/protocol';
import type { BackEnd } from '../../commands/context.ts';
import type { Identity } from '../../domain/identity.ts';
import { networkOf } from '../../domain/network.ts';
import type { ApiKeys } from '../../identity/api-keys.ts';
import type { Authenticator } from '../../identity/authenticator.ts';
import { bearerOf } from '../../identity/token-carriers.ts';
import type { TrustedProxies } from '../../identity/trusted-proxies.ts';

/** Counts calls against the limits of who calls. Each method throws `too_many` past a limit. */
interface CallLimits {
  /** A call of a user, which brings so many bytes. */
  action(userId: string, bytes: number): void;
  /** A call with an API key, or a body of one whose size its head did not tell. */
  call(apiKey: string, bytes: number): void;
  /** A body of a user, whose size the head of the call did not tell. */
  userBody(userId: string, bytes: number): void;
  /** A call without good credentials. */
  refusal(address: string): void;
}

const metricsKey = "the server's metrics key (auth.metricsKey, TIDINGS_METRICS_KEY)";

export interface CallerParts {
  keys: ApiKeys;
  /** Keys that read metrics, and nothing else. */
  metricsKeys: ApiKeys;
  authenticator: Authenticator;
  proxies: TrustedProxies;
  limits: CallLimits;
  now: () => number;
}

/**
 * Identifies the caller of a route, and counts the call: a back end by its API key, a user by a token, cookie or session. Each method
 * throws `too_many` for a caller past a limit.
 */
export class Callers {
  readonly #parts: CallerParts;
  /** Counts the bodies of calls that did not tell their size. */
  readonly #uncounted = new WeakMap<IncomingMessage, (bytes: number) => void>();

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** Throws `unauthenticated` if the request has no API key of ours. */
  backEnd(request: IncomingMessage): BackEnd {
    const unknown = 'the API key is not one of this server; check TIDINGS_API_KEY on both sides';
    return this.#backEnd(request, unknown, 'back ends send "Authorization: Bearer <api key>"');
  }

  #backEnd(request: IncomingMessage, unknown: string, absent: string): BackEnd {
    const scope = this.#scopeOf(request);
    if (scope !== null) return { kind: 'back_end', scope };
    this.#parts.limits.refusal(networkOf(this.#parts.proxies.placeOf(request).address));
    throw new TidingsError('unauthenticated', request.headers.authorization ? unknown : absent);
  }

  /** Throws `unauthenticated` if the request has neither an API key nor a metrics key of ours. */
  monitor(request: IncomingMessage): null {
    const bearer = bearerOf(request);
    if (bearer !== null && this.#parts.metricsKeys.nameOf(bearer) !== null) return null;
    const unknown = `the key is neither ${metricsKey} nor an API key; check what reads the metrics`;
    this.#backEnd(request, unknown, `the metrics need "Authorization: Bearer <key>", with ${metricsKey} or an API key`);
    return null;
  }

  /** Throws `unauthenticated` if no token, cookie or session names the user, `unavailable` if the user cannot be determined now. */
  async user(request: IncomingMessage): Promise<Identity> {
    const { authenticator, proxies, limits, now } = this.#parts;
    try {
      const identity = await authenticator.authenticate(request, now());
      limits.action(identity.id, bytesOf(request));
      this.#countBody(request, (bytes) => limits.userBody(identity.id, bytes));
      return identity;
    } catch (error) {
      const isRefused = error instanceof TidingsError && error.code === 'unauthenticated';
      if (isRefused) limits.refusal(networkOf(proxies.placeOf(request).address));
      throw error;
    }
  }

  /** A back end or else a user, on routes that both may call. */
  async either(request: IncomingMessage): Promise<BackEnd | Identity> {
    const scope = this.#scopeOf(request);
    return scope === null ? this.user(request) : { kind: 'back_end', scope };
  }

  #scopeOf(request: IncomingMessage): string | null {
    const bearer = bearerOf(request);
    const scope = bearer === null ? null : this.#parts.keys.nameOf(bearer);
    if (scope === null) return null;
    const { limits } = this.#parts;
    limits.call(scope, bytesOf(request));
    this.#countBody(request, (bytes) => limits.call(scope, bytes));
    return scope;
  }

  /** Counts a body that has been read. Throws `too_many` past a limit of who sent it. */
  bodyRead(request: IncomingMessage, bytes: number): void {
    this.#uncounted.get(request)?.(bytes);
  }

  #countBody(request: IncomingMessage, count: (bytes: number) => void): void {
    if (request.headers['transfer-encoding'] !== undefined) this.#uncounted.set(request, count);
  }
}

/** The largest body, bytes. */
export const largestBody = 1_048_576;

/** The size of a body as the head of the call tells it; a larger one than is read is refused. */
const bytesOf = ({ headers }: IncomingMessage): number => Math.min(Number(headers['content-length'] ?? 0), largestBody);

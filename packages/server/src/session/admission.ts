import type { IncomingMessage } from 'node:http';
import { CloseCode, type ErrorCode, TidingsError } from '@tidings/protocol';
import { largestFrame } from '../domain/frame-size.ts';
import type { Identity } from '../domain/identity.ts';
import { LimitExceeded } from '../domain/limit-exceeded.ts';
import type { Clock } from '../domain/ports.ts';
import { TokenExpired } from '../domain/token-expired.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Origins } from '../identity/origins.ts';
import type { Refusals } from '../identity/refusals.ts';
import { queryOf } from '../identity/token-carriers.ts';
import type { TrustedProxies } from '../identity/trusted-proxies.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { type Close, closeWithRetry } from './close.ts';
import type { Connection, ConnectionEvents, ConnectionInfo } from './connection.ts';
import type { Endpoint, Visit } from './endpoint.ts';
import { FirstFrame } from './first-frame.ts';
import { maxFrameOf } from './max-frame.ts';
import { topicWork } from './recovery-request.ts';
import type { Registry } from './registry.ts';
import { sessionNameOf } from './session-name.ts';

/** The answer to a request for a connection: it is refused before the upgrade, or taken and closed with a reason, or taken. */
export type AdmissionResult =
  | { kind: 'refused'; error: TidingsError }
  | ({ kind: 'closed' } & Close)
  | {
      kind: 'open';
      begin: Begin;
      /** The largest message of the client, bytes. Default: the server's own limit. */
      maxMessageBytes?: number;
    };

type Begin = (connection: Connection) => ConnectionEvents;

/** The parts of a request that depend on the transport it came by. */
export interface AdmissionOptions {
  /** The path of the endpoint that serves it. Default: the path it came on. */
  endpoint?: string;
  /** The cursor to resume from; goes before one in the query. */
  cursor?: string | undefined;
  /** True if its client only reads: it sees the answer to a refused request, which browsers hide of an upgrade, and sends no first frame. */
  isOneWay?: boolean;
  /** Time since its connection was made, ms. Default 0. */
  elapsedMs?: number;
}

/** Bounds how often a user connects. */
interface ConnectionLimits {
  /** Takes the work of a connection from the user's budget. Throws `too_many` where it is spent. */
  work(userId: string, units: number): void;
}

/** The work of a connection and its catch-up, in units: an id to mark is one. */
const connectionWork = 20;

export interface AdmissionParts {
  endpoints: readonly Endpoint[];
  authenticator: Authenticator;
  origins: Origins;
  registry: Registry;
  refusals: Refusals;
  proxies: TrustedProxies;
  clock: Clock;
  telemetry: Telemetry;
  limits: ConnectionLimits;
  /** Time from a connection to the first frame with `?auth=frame`, at most, ms. */
  authenticateWithin: number;
}

/** Lets people in to endpoints: checks where they come from, who they are, how many there are, and whether the endpoint is for them. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** True for the paths of endpoints. */
  handles(path: string): boolean {
    return this.#endpointOf(trimmed(path)) !== undefined;
  }

  /**
   * Refuses by HTTP whom it can: some clients come back at once, for ever, to a server that lets them in and then closes. Who would not see
   * that answer is let in and closed with the reason. A refusal may be held back for a while.
   */
  async admit(request: IncomingMessage, path: string, options: AdmissionOptions = {}): Promise<AdmissionResult> {
    const visit = this.#visitOf(request, path, options);
    const endpoint = this.#endpointOf(visit.path);
    const result = await this.#admit(request, visit, endpoint, options);
    if (result.kind === 'open') {
      const maxMessageBytes = endpoint?.maxMessageBytes?.(visit);
      return maxMessageBytes ? { ...result, maxMessageBytes } : result;
    }
    const translate = endpoint?.translateCloses?.(visit);
    if (!translate) return result;
    return { kind: 'closed', ...translate(result.kind === 'refused' ? closeOf(result.error) : result) };
  }

  #visitOf(request: IncomingMessage, path: string, { endpoint = path, cursor }: AdmissionOptions): Visit {
    const userAgent = request.headers['user-agent']?.slice(0, 256) ?? '';
    const { address } = this.#parts.proxies.placeOf(request);
    const query = queryOf(request);
    if (cursor) query.set('cursor', cursor);
    const protocols = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    const info = { path, address, userAgent, at: this.#parts.clock.now(), maxFrame: largestFrame, sessionName: null };
    return { info, query, path: trimmed(endpoint), protocols };
  }

  async #admit(
    request: IncomingMessage,
    visit: Visit,
    endpoint: Endpoint | undefined,
    { isOneWay = false, elapsedMs = 0 }: AdmissionOptions,
  ): Promise<AdmissionResult> {
    const { authenticator, origins, registry } = this.#parts;
    const { info, query } = visit;
    const { address, at: now } = info;
    const message = origins.refusal(request);
    if (message !== null) return this.#refused(new TidingsError('origin_not_allowed', message), info);
    if (!endpoint) return this.#refused(new TidingsError('not_found', 'nothing is served on this path'), info);
    const seesAnswer = isOneWay || request.headers.origin === undefined;
    const turnAway = (refusal: TidingsError) =>
      seesAnswer ? this.#refused(refusal, info) : this.#closed(closeOf(refusal), info);
    const tooMany = registry.refusal(null, address);
    if (tooMany) return this.#closed(tooMany, info);
    const leave = registry.arrive(address);
    const [maxFrame, sessionName] = [maxFrameOf(query), sessionNameOf(query)];
    try {
      if (maxFrame instanceof TidingsError) return await turnAway(maxFrame);
      if (sessionName instanceof TidingsError) return await turnAway(sessionName);
      Object.assign(info, { maxFrame, sessionName });
      if (query.get('auth') === 'frame' && !isOneWay) {
        const deadline = now - elapsedMs + this.#parts.authenticateWithin;
        leave();
        return await this.#admitIf(null, info, (connection) => this.#await(connection, endpoint, visit, deadline));
      }
      const identity = await authenticator.authenticate(request, now);
      const refusal = await endpoint.authorize(identity, visit);
      if (refusal) return await turnAway(refusal);
      leave();
      return await this.#admitUser(identity, endpoint, visit);
    } catch (error) {
      return await turnAway(this.#refusalOf(error as Error));
    } finally {
      leave();
    }
  }

  #endpointOf(path: string): Endpoint | undefined {
    return this.#parts.endpoints.find((endpoint) => endpoint.match(path));
  }

  /** The refusal of a request whose user could not be identified. */
  #refusalOf(error: Error): TidingsError {
    if (error instanceof TidingsError && (error.code === 'unauthenticated' || error.retryable)) return error;
    this.#parts.telemetry.emit({ type: 'failure', where: 'admission', error });
    return new TidingsError('unavailable', 'the server cannot determine the user now; try again later');
  }

  async #refused(error: TidingsError, { address }: ConnectionInfo): Promise<AdmissionResult> {
    await this.#parts.refusals.refuse(error.code, error.message, address);
    return { kind: 'refused', error };
  }

  async #closed(close: Close, { address }: ConnectionInfo): Promise<AdmissionResult> {
    await this.#parts.refusals.refuse(close.code, close.reason, address);
    return { kind: 'closed', ...close };
  }

  async #admitUser(identity: Identity, endpoint: Endpoint, visit: Visit): Promise<AdmissionResult> {
    this.#parts.limits.work(identity.id, connectionWork + topicWork(visit.query));
    return this.#admitIf(identity.id, visit.info, (connection) => this.#open(connection, identity, endpoint, visit));
  }

  async #admitIf(userId: string | null, info: ConnectionInfo, begin: Begin): Promise<AdmissionResult> {
    const refusal = this.#parts.registry.refusal(userId, info.address);
    return refusal ? this.#closed(refusal, info) : { kind: 'open', begin };
  }

  /**
   * Somebody may have been locked out since they were let in, when nothing of theirs was there to be ended; and of many who were let in
   * together, each before the others counted, some are too many.
   */
  #open(connection: Connection, identity: Identity, endpoint: Endpoint, visit: Visit): ConnectionEvents {
    const reason = this.#parts.authenticator.refusal(identity);
    const close: Close | null =
      reason === null
        ? this.#parts.registry.refusal(identity.id, visit.info.address)
        : { code: CloseCode.unauthenticated, reason };
    if (close === null) return endpoint.open(connection, identity, visit);
    const translated = endpoint.translateCloses?.(visit)?.(close) ?? close;
    connection.close(translated.code, translated.reason, translated.retryAfterMs);
    return nobody;
  }

  /** Waits for a first frame that says who is there, until a time, epoch milliseconds. */
  #await(connection: Connection, endpoint: Endpoint, visit: Visit, deadline: number): ConnectionEvents {
    const { registry, clock, authenticateWithin } = this.#parts;
    const tooMany = registry.refusal(null, visit.info.address);
    if (tooMany) {
      connection.close(tooMany.code, tooMany.reason, tooMany.retryAfterMs);
      return nobody;
    }
    const leave = registry.arrive(visit.info.address);
    return new FirstFrame({
      ...{ connection, clock, timeout: Math.max(0, deadline - clock.now()), limit: authenticateWithin },
      closed: leave,
      admit: async (token) => {
        const result = await this.#admitToken(token, endpoint, visit, leave);
        if (result.kind === 'open') return result.begin;
        if (result.kind === 'closed') connection.close(result.code, result.reason, result.retryAfterMs);
        return null;
      },
      refuse: async (error) => {
        const close = closeOf(this.#refusalOf(error));
        await this.#closed(close, visit.info);
        connection.close(close.code, close.reason, close.retryAfterMs);
      },
    });
  }

  /** @param leave ends that the connection counts as one of nobody known */
  async #admitToken(token: string, endpoint: Endpoint, visit: Visit, leave: () => void): Promise<AdmissionResult> {
    const { authenticator, clock } = this.#parts;
    const identity = await authenticator.identify(token, clock.now());
    const refusal = await endpoint.authorize(identity, visit);
    if (refusal) return this.#closed(closeOf(refusal), visit.info);
    leave();
    return this.#admitUser(identity, endpoint, visit);
  }
}

const trimmed = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

/** The same refusal for who has a connection already. */
export function closeOf(error: TidingsError): Close {
  const code = closeCodes[error.code] ?? CloseCode.overloaded;
  if (error instanceof TokenExpired) return { code, reason: error.message, isRenewable: true };
  if (!(error instanceof LimitExceeded)) return { code, reason: error.message };
  return closeWithRetry(code, error.retry_after_ms, 'too much at once; slow down');
}

const closeCodes: Partial<Record<ErrorCode, number>> = {
  unauthenticated: CloseCode.unauthenticated,
  bad_request: CloseCode.badFrames,
  forbidden: CloseCode.forbidden,
  origin_not_allowed: CloseCode.forbidden,
  not_found: CloseCode.forbidden,
  too_many: CloseCode.tooManyActions,
};

/** Ignores a connection that is closing. */
const nobody: ConnectionEvents = {
  receive() {},
  receiveBinary() {},
  alive() {},
  drained() {},
  closed() {},
};

import { retryAfterMs, TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { Endpoint, EndpointSource } from '../config/endpoint.ts';
import { asTidingsError } from '../errors.ts';
import { badResponse, type Failure, readRefusal, timedOut } from './failure.ts';
import { unreachable } from './unreachable.ts';

/** One request of the API. */
export interface HttpCall {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From `/api/v1` on. */
  path: string;
  body?: string;
  /** Milliseconds that the server was asked to wait for news, on top of an attempt's own time. Default: 0. */
  waitMs?: number;
}

type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface HttpClient {
  /**
   * Makes one attempt of one call. Never rejects.
   *
   * @param read returns null for an answer that is not of Tidings
   * @param stop ends the attempt
   */
  attempt<T>(call: HttpCall, read: (body: unknown) => T | null, stop: AbortSignal): Promise<Answer<T>>;
}

export interface HttpClientOptions {
  endpoint: EndpointSource;
  /** Default: the global one, as it is at the time of the call. */
  fetch: typeof fetch | undefined;
  /** Milliseconds for one attempt. */
  attemptTimeoutMs: number;
  clock: Clock;
}

const failed = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function request(endpoint: Endpoint, call: HttpCall, signal: AbortSignal): [string, RequestInit] {
  const headers: Record<string, string> = { authorization: `Bearer ${endpoint.apiKey}`, accept: 'application/json' };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  // A redirected POST would lose its body: a redirect is an error.
  return [
    `${endpoint.url}/api/v1${call.path}`,
    { method: call.method, headers, body: call.body, signal, redirect: 'manual' },
  ];
}

export function createHttpClient({ endpoint, fetch: given, attemptTimeoutMs, clock }: HttpClientOptions): HttpClient {
  async function exchange<T>(found: Endpoint, call: HttpCall, read: (body: unknown) => T | null, signal: AbortSignal) {
    const send = given ?? globalThis.fetch;
    const response = await send(...request(found, call, signal));
    const body = parse(await response.text());
    const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
    if (!response.ok) {
      return failed(readRefusal(body, response.status, waitMs) ?? badResponse(found.url, response, waitMs));
    }
    const value = read(body);
    return value === null ? failed(badResponse(found.url, response, waitMs)) : { ok: true as const, value };
  }
  return {
    async attempt(call, read, stop) {
      let found: Endpoint;
      try {
        found = endpoint.current();
      } catch (error) {
        return failed({ error: asTidingsError(error), again: false, retryAfterMs: 0, maybeDone: false });
      }
      const timeoutMs = attemptTimeoutMs + (call.waitMs ?? 0);
      const attempt = new AbortController();
      const abort = () => attempt.abort();
      let isLate = false;
      const cancelTimer = clock.after(timeoutMs, () => {
        isLate = true;
        abort();
      });
      stop.addEventListener('abort', abort, { once: true });
      try {
        return await exchange(found, call, read, attempt.signal);
      } catch (cause) {
        if (isLate) return failed(timedOut(found.url, timeoutMs));
        if (stop.aborted) return failed(abandoned(cause));
        endpoint.forget();
        return failed(unreachable(found.url, cause));
      } finally {
        cancelTimer();
        stop.removeEventListener('abort', abort);
      }
    },
  };
}

/** Nobody waits for this attempt any more. */
function abandoned(cause: unknown): Failure {
  const error = new TidingsError('timeout', 'the attempt was abandoned: every caller has been answered', { cause });
  return { error, again: false, retryAfterMs: 0, maybeDone: true };
}

import { TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { Endpoint, EndpointSource } from '../config/endpoint.ts';
import { asTidingsError } from '../errors.ts';
import { type Failure, readRefusal, retryAfter, strange, timedOut } from './failure.ts';
import { unreachable } from './unreachable.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From `/api/v1` on. */
  path: string;
  body?: string;
  /** Milliseconds that the server was asked to wait for news, on top of an attempt's own time. Default: 0. */
  waitMs?: number;
}

type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Makes one attempt of one call. Never rejects. `read` returns null for an answer that is not Tidings'. */
export type Exchange = <T>(call: Call, read: (body: unknown) => T | null, stop: AbortSignal) => Promise<Answer<T>>;

export interface ExchangeOptions {
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

function request(endpoint: Endpoint, call: Call, signal: AbortSignal): [string, RequestInit] {
  const headers: Record<string, string> = { authorization: `Bearer ${endpoint.apiKey}`, accept: 'application/json' };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  // A redirected POST would lose its body, so redirects are told instead of followed.
  return [
    `${endpoint.url}/api/v1${call.path}`,
    { method: call.method, headers, body: call.body, signal, redirect: 'manual' },
  ];
}

export function createExchange({ endpoint, fetch: given, attemptTimeoutMs, clock }: ExchangeOptions): Exchange {
  return async (call, read, stop) => {
    let found: Endpoint;
    try {
      found = endpoint.current();
    } catch (error) {
      return failed({ error: asTidingsError(error), again: false, retryAfterMs: 0, maybeDone: false });
    }
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    let late = false;
    const patienceMs = attemptTimeoutMs + (call.waitMs ?? 0);
    const cancelTimer = clock.after(patienceMs, () => {
      late = true;
      abort();
    });
    stop.addEventListener('abort', abort, { once: true });
    try {
      const send = given ?? globalThis.fetch;
      const response = await send(...request(found, call, attempt.signal));
      const body = parse(await response.text());
      const wait = retryAfter(response);
      if (!response.ok) return failed(readRefusal(body, response.status, wait) ?? strange(found.url, response, wait));
      const value = read(body);
      return value === null ? failed(strange(found.url, response, wait)) : { ok: true, value };
    } catch (cause) {
      if (late) return failed(timedOut(found.url, patienceMs));
      if (stop.aborted) return failed(abandoned(cause));
      endpoint.forget();
      return failed(unreachable(found.url, cause));
    } finally {
      cancelTimer();
      stop.removeEventListener('abort', abort);
    }
  };
}

/** Nobody waits for this attempt any more. */
function abandoned(cause: unknown): Failure {
  const error = new TidingsError('timeout', 'the attempt was abandoned: every caller has been answered', { cause });
  return { error, again: false, retryAfterMs: 0, maybeDone: true };
}

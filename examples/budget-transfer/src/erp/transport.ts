import type { Clock } from './clock.ts';
import { ErpError } from './erp-error.ts';
import { readErrorBody } from './error-body.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';
import { unreachable } from './network-error.ts';

/** Attempts of one read before its failure is reported; reads change nothing, so repeating them is safe. */
const readAttempts = 5;
const firstRetryMs = 1_000;

export interface TransportOptions {
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal | undefined;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/** Requests to the erpintegrations resource; every failure is an ErpError. */
export interface Transport {
  /** Sends an operation, once. */
  post(operation: JsonObject): Promise<JsonObject>;
  /** Reads the items of a finder such as `ESSJobStatusRF;requestId=7`, again after passing failures. */
  find(finder: string): Promise<readonly JsonObject[]>;
}

export function createTransport(options: TransportOptions): Transport {
  const base = parseBaseUrl(options.baseUrl);
  const resource = `${base.href.replace(/\/+$/, '')}/fscmRestApi/resources/11.13.18.05/erpintegrations`;
  const credentials = Buffer.from(`${options.username}:${options.password}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    accept: 'application/json',
    // Version 4 answers errors as JSON; the default, 1, as plain text.
    'rest-framework-version': '4',
  };

  async function exchange(url: string, init: RequestInit): Promise<JsonObject> {
    throwIfCancelled(options.signal);
    const timeout = AbortSignal.timeout(options.requestTimeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    let response: Response;
    let body: string;
    try {
      response = await options.fetch(url, { ...init, signal, redirect: 'manual' });
      body = await response.text();
    } catch (error) {
      throwIfCancelled(options.signal);
      if (timeout.aborted) throw tooSlow(base, options.requestTimeoutMs);
      throw unreachable(base, error);
    }
    return readAnswer(base, options.username, response, body);
  }

  async function find(finder: string): Promise<readonly JsonObject[]> {
    const answer = await exchange(`${resource}?finder=${finder}&onlyData=true`, { headers });
    const { items } = answer;
    if (!Array.isArray(items)) throw unexpected(base, 'an answer without "items"');
    return items.filter(isJsonObject);
  }

  return {
    post: (operation) =>
      exchange(resource, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/vnd.oracle.adf.resourceitem+json' },
        body: JSON.stringify(operation),
      }),
    async find(finder) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await find(finder);
        } catch (error) {
          if (!(error instanceof ErpError && error.retryable) || attempt === readAttempts) throw error;
        }
        await options.clock.sleep(firstRetryMs * 2 ** (attempt - 1), options.signal);
      }
    },
  };
}

/** Throws when the caller gave up. `waitingFor` says what goes on in the ERP without the caller. */
export function throwIfCancelled(signal: AbortSignal | undefined, waitingFor?: string): void {
  if (!signal?.aborted) return;
  const message = waitingFor ? `Cancelled while waiting for ${waitingFor}, which goes on in the ERP.` : 'Cancelled.';
  throw new ErpError('cancelled', message, false);
}

function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  const example = 'https://example.fa.us2.oraclecloud.com';
  throw new ErpError(
    'invalid_base_url',
    `Expected the ERP base URL as ${example}, got ${JSON.stringify(text)}.`,
    false,
  );
}

function tooSlow(base: URL, timeoutMs: number): ErpError {
  const message = `The ERP at ${base.host} did not answer within ${timeoutMs / 1_000} seconds. Try again later.`;
  return new ErpError('timed_out', message, true);
}

function readAnswer(base: URL, username: string, response: Response, body: string): JsonObject {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const target = response.headers.get('location') ?? 'elsewhere';
    throw unexpected(base, `a redirect (${status}) to ${target}`);
  }
  if (!response.ok) throw refusal(base, username, status, readErrorBody(body));
  const json = parseJson(body);
  if (isJsonObject(json)) return json;
  throw unexpected(base, `${response.headers.get('content-type') ?? 'no content type'} that is not JSON`);
}

function unexpected(base: URL, got: string): ErpError {
  const advice = 'Check that the base URL is the address of the ERP itself, not of a login page or proxy.';
  const message = `Expected JSON of the erpintegrations service from ${base.host}, got ${got}. ${advice}`;
  return new ErpError('unexpected_response', message, false);
}

function refusal(base: URL, username: string, status: number, reason: string): ErpError {
  const because = reason === '' ? '' : `: ${reason.replace(/\.$/, '')}`;
  if (status === 401) {
    const message = `The ERP at ${base.host} refused the login of "${username}" (401). Check its user name and password.`;
    return new ErpError('unauthorized', message, false);
  }
  if (status === 403) {
    const message = `The ERP user "${username}" may not use the integration service (403)${because}. Ask for the role that grants it.`;
    return new ErpError('forbidden', message, false);
  }
  if (status === 429 || status >= 500) {
    const message = `The ERP at ${base.host} is unavailable right now (${status})${because}. Try again later.`;
    return new ErpError('unavailable', message, true);
  }
  return new ErpError(
    'invalid_request',
    `The ERP at ${base.host} turned the request down (${status})${because}.`,
    false,
  );
}

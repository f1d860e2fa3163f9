import { retryAfterMs, TidingsError } from '@tidings/protocol';
import { errorOf } from '../failure.ts';
import type { Settings, TokenSource } from '../options.ts';
import { tokenOf, tokenPattern } from '../token.ts';
import { serverUrl } from '../url.ts';

/** Time limit of a call, in milliseconds: the server may take 20 s to go through a document, after others that wait. */
const limitMs = 60_000;

export interface HttpCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From `api/v1/` on. */
  path: string;
  query?: Record<string, string>;
  body?: object;
}

/** Calls of the HTTP API by the user of a client: with its address, its token or cookie, and its `fetch`. */
export class HttpCalls {
  readonly #settings: Readonly<Settings>;
  /** The token that the source in use gave last. */
  #token: { source: TokenSource | undefined; text: Promise<string> } | null = null;

  constructor(settings: Readonly<Settings>) {
    this.#settings = settings;
  }

  /**
   * Makes a call. Where its token has run out, a token function is asked for a new one, and the call is made once more.
   *
   * @returns the answer, an object
   * @throws TidingsError the server's; `unauthenticated` without a token; `unreachable`, `timeout` or `bad_response` where no answer of Tidings came
   */
  async call<R>(call: HttpCall): Promise<R> {
    const { token } = this.#settings;
    try {
      return (await this.#send(call)) as R;
    } catch (error) {
      if (!(error instanceof TidingsError) || error.code !== 'unauthenticated' || typeof token !== 'function')
        throw error;
      this.#token = null;
      return (await this.#send(call)) as R;
    }
  }

  async #send({ method, path, query, body }: HttpCall): Promise<object> {
    const { url, query: ofUser, clock, fetch = globalThis.fetch } = this.#settings;
    const token = await this.#currentToken();
    const base = serverUrl(url);
    const to = new URL(`api/v1/${path}?${new URLSearchParams({ ...ofUser, ...query })}`, base);
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    };
    const late = new AbortController();
    const cancel = clock.after(limitMs, () => late.abort());
    try {
      const response = await fetch(to, {
        ...{ method, headers, cache: 'no-store', credentials: token ? 'omit' : 'include', signal: late.signal },
        ...(body && { body: JSON.stringify(body) }),
      });
      return await answerOf(response, base);
    } catch (error) {
      if (error instanceof TidingsError) throw error;
      if (late.signal.aborted)
        throw new TidingsError('timeout', `${base.href} did not answer within ${limitMs / 1_000} s`);
      throw new TidingsError('unreachable', `no server answered at ${base.href}`, { cause: error });
    } finally {
      cancel();
    }
  }

  /** The token; empty where the cookie says who this is. */
  async #currentToken(): Promise<string> {
    const source = this.#settings.token;
    if (this.#token?.source !== source) this.#token = null;
    this.#token ??= { source, text: tokenOf(source) };
    const asked = this.#token;
    try {
      const token = await asked.text;
      if (tokenPattern.test(token) || (!token && typeof source !== 'function')) return token;
      throw new TidingsError('unauthenticated', `expected a token, got ${token ? 'what is none' : 'nothing'}`);
    } catch (error) {
      if (this.#token === asked) this.#token = null;
      if (error instanceof TidingsError) throw error;
      const { message } = error as Error;
      throw new TidingsError('unavailable', `no token could be had: ${message}`, { cause: error });
    }
  }
}

async function answerOf(response: Response, base: URL): Promise<object> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null) {
    if (response.ok) return body;
    const { code, message } = body as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string') {
      const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
      throw errorOf({ code, message, ...(waitMs > 0 && { retry_after_ms: waitMs }) });
    }
  }
  const message = `${base.href} answers ${response.status}, and is no Tidings server: let the proxy in between pass /api/ to it`;
  throw new TidingsError('bad_response', message);
}

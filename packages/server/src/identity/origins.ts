import type { IncomingMessage } from 'node:http';
import { isLoopbackUrl } from '../http-client/reach.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/**
 * Decides whether a browser's page may speak to this server. Programs that are no browsers send no Origin and pass;
 * a foreign or `null` one does not. The same list governs sockets and HTTP.
 *
 * In development, where users are taken at their word, the Host must be a loopback name too: else a page whose own name was
 * made to lead here (DNS rebinding) would count as the server's own.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #isDevelopment: boolean;
  readonly #proxies: TrustedProxies;

  constructor(allowed: readonly string[], isDevelopment: boolean, proxies: TrustedProxies) {
    this.#allowed = new Set(allowed.map(plainOrigin));
    this.#isDevelopment = isDevelopment;
    this.#proxies = proxies;
  }

  /** Why a request is refused, and what to do about it; null if it may come in. */
  refusal(request: IncomingMessage): string | null {
    const { origin, host = '' } = request.headers;
    if (this.#isDevelopment && !isLoopbackUrl(`http://${host}`)) {
      return `in development this server answers to localhost, 127.0.0.1 and [::1] only, not to "${short(host)}"; others need "tidings serve"`;
    }
    if (origin === undefined || this.#allowed.has('*') || this.#names(origin, request)) return null;
    return origin === 'null'
      ? 'a page without an origin (a file, or a sandboxed frame) may not connect; serve it by http(s), or give the server "*" as auth.allowedOrigins (--allowed-origins)'
      : `the origin ${short(origin)} may not connect; name it in auth.allowedOrigins (--allowed-origins) of the server`;
  }

  /** True if a page may act by the cookies of its visitor: not one that may come only since any may. */
  takesCookies(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return origin === undefined || this.#names(origin, request);
  }

  #names(header: string, request: IncomingMessage): boolean {
    // Browsers alone set it, and know the address that was asked for also where a proxy has put another Host.
    if (request.headers['sec-fetch-site'] === 'same-origin') return true;
    const origin = plainOrigin(header);
    if (this.#allowed.has(origin)) return true;
    if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
    // The Host header may name the port that the origin leaves out.
    const own = `${new URL(origin).protocol}//${this.#proxies.placeOf(request).host}`;
    return (URL.canParse(own) && new URL(own).origin === origin) || (this.#isDevelopment && isLoopbackUrl(origin));
  }
}

/** Text of a caller as far as an answer and the log repeat it: longer than any name of a host. */
const short = (text: string): string => text.slice(0, 300);

/** An origin as browsers write it: without the usual port, and names in ASCII (`xn--bcher-kva.example`). */
function plainOrigin(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text).origin : 'null';
  return parsed === 'null' ? text.replace(/\/$/, '').toLowerCase() : parsed;
}

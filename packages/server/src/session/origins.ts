import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser's page may speak to this server. Programs that are no browsers send no Origin and pass;
 * a foreign or `null` one does not. The same list governs sockets and CORS.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #anyLoopback: boolean;

  constructor(allowed: readonly string[], anyLoopback: boolean) {
    this.#allowed = new Set(allowed.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
    this.#anyLoopback = anyLoopback;
  }

  allows(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined) return true;
    const name = origin.toLowerCase();
    if (this.#allowed.has(name) || this.#allowed.has('*')) return true;
    const host = hostOf(name);
    if (host === null) return false;
    return host.host === request.headers.host?.toLowerCase() || (this.#anyLoopback && isLoopback(host.hostname));
  }
}

/** What to do about a refused origin. */
export const originAdvice = (origin: string): string =>
  `the origin ${origin} may not connect; start the server with --allowed-origins ${origin}`;

function hostOf(origin: string): { host: string; hostname: string } | null {
  try {
    const { host, hostname, protocol } = new URL(origin);
    return protocol === 'http:' || protocol === 'https:' ? { host, hostname } : null;
  } catch {
    return null;
  }
}

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname === '[::1]' ||
  hostname === '::1' ||
  /^127(\.\d{1,3}){3}$/.test(hostname) ||
  hostname.endsWith('.localhost');

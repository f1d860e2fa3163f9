import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { Agent, IncomingMessage } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf } from './reach.ts';

/** Resolves a name to all its addresses, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** True if a connection to this address may be made for this host; an IP address in a URL is its own host. */
type Allows = (host: string, address: string) => boolean;

interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request, or the reading of its answer. */
  signal: AbortSignal;
}

interface HttpClientOptions {
  /** Resolves names. Default: as the system does. */
  resolve?: Resolve;
  /** The most requests to one service at a time; further ones wait. Default: any number. */
  atOnce?: number;
}

/**
 * Calls other services. Each address is checked as its connection is made, after the name was resolved: the address that was checked is
 * the one that is connected to, however the name resolves next. Redirects are not followed.
 */
export class HttpClient {
  readonly #allows: Allows;
  readonly #lookup: LookupFunction;
  readonly #agents = new Map<string, Agent>();
  readonly #atOnce: number;

  constructor(
    allows: Allows,
    { resolve = systemLookup as Resolve, atOnce = Number.POSITIVE_INFINITY }: HttpClientOptions = {},
  ) {
    this.#allows = allows;
    this.#atOnce = atOnce;
    this.#lookup = (hostname, options, done) => {
      resolve(hostname, { ...options, all: true }, (error, found = []) => {
        const allowed = found.filter(({ address }) => allows(hostname, address));
        const [first] = allowed;
        if (error || !first) done(error ?? refused(hostname, found), []);
        else if (options.all) done(null, allowed);
        else done(null, first.address, first.family);
      });
    };
  }

  /** Resolves with the head of the answer, whose body is to be read or destroyed. Rejects where there is none, and for a refused address. */
  async request(url: string, { body, ...options }: HttpRequest): Promise<IncomingMessage> {
    const parsed = new URL(url);
    const { protocol } = parsed;
    const host = hostOf(parsed);
    // No name is resolved then.
    if (isIP(host) !== 0 && !this.#allows(host, host)) throw refused(host, []);
    // Loaded by the first request: a start needs none.
    const { Agent, request } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
    const agent =
      this.#agents.get(protocol) ?? new Agent({ keepAlive: true, lookup: this.#lookup, maxSockets: this.#atOnce });
    this.#agents.set(protocol, agent);
    return new Promise((resolve, reject) => {
      request(url, { ...options, agent })
        .once('response', resolve)
        .once('error', reject)
        .end(body);
    });
  }
}

function refused(host: string, found: readonly LookupAddress[]): Error {
  const where = found.length === 0 ? 'is' : `leads to ${found.map(({ address }) => address).join(', ')},`;
  return new Error(`${host} ${where} no address that may be called`);
}

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The addresses of a request: of its client, and the one by which the client reaches this server. */
export interface RequestPlace {
  /** The IP address of who asks; empty if it is not known. */
  address: string;
  protocol: 'http' | 'https';
  /** The host and port that the caller used, as in the Host header; empty if none came. */
  host: string;
  /** The path below which a proxy serves us, as `/notify`; empty for none. */
  prefix: string;
}

/**
 * Knows how a request came to us. What proxies say in `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` is believed
 * where the connection is from one that is named; anybody else could write the same.
 */
export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #hasAny: boolean;

  /** @param networks addresses and networks, as `10.0.0.0/8`, that `parseNetwork` reads */
  constructor(networks: readonly string[]) {
    for (const network of networks.map(parseNetwork)) if (network) this.#networks.addSubnet(...network);
    this.#hasAny = networks.length > 0;
  }

  placeOf(request: IncomingMessage): RequestPlace {
    const { headers, socket } = request;
    const address = plainAddress(socket.remoteAddress ?? '');
    const isEncrypted = 'encrypted' in socket && socket.encrypted === true;
    const direct: RequestPlace = {
      ...{ address, host: headers.host ?? '', prefix: '' },
      // A caller that says https without cause has a cookie that is Secure, and harms nobody by it.
      protocol: isEncrypted || firstOf(headers['x-forwarded-proto']).toLowerCase() === 'https' ? 'https' : 'http',
    };
    if (!this.#trusts(address)) return this.#hasAny && !isEncrypted ? { ...direct, protocol: 'http' } : direct;
    const host = firstOf(headers['x-forwarded-host']);
    return {
      ...direct,
      address: this.#callerBehind(address, headers['x-forwarded-for']),
      host: host && URL.canParse(`http://${host}`) ? host : direct.host,
      prefix: prefixOf(firstOf(headers['x-forwarded-prefix'])),
    };
  }

  /** True for the address of a connection that is a proxy's. */
  isProxy(address: string): boolean {
    return this.#trusts(plainAddress(address));
  }

  /** Each proxy adds whom it was asked by, at the end: the last one that is no proxy of ours is the caller. */
  #callerBehind(proxy: string, forwardedFor: string | string[] | undefined): string {
    let caller = proxy;
    for (const item of listOf(forwardedFor).reverse()) {
      const address = plainAddress(item);
      if (isIP(address) === 0) return caller;
      caller = address;
      if (!this.#trusts(address)) return caller;
    }
    return caller;
  }

  #trusts(address: string): boolean {
    const family = isIP(address);
    return this.#hasAny && family !== 0 && this.#networks.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}

/** An address, or a network as `10.0.0.0/8`, as its address, its length and its family; null for anything else. */
export function parseNetwork(text: string): [address: string, bits: number, family: 'ipv4' | 'ipv6'] | null {
  const [address = '', length, ...more] = text.trim().split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(length ?? '0') || bits > most) return null;
  return [address, bits, family === 4 ? 'ipv4' : 'ipv6'];
}

/** An address as proxies and sockets write it (`[::1]:80`, `10.0.0.7:4711`, `::ffff:10.0.0.7`), by itself. */
const plainAddress = (text: string): string =>
  text
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/^::ffff:(?=[\d.]+$)/i, '')
    .replace(/%.*$/, '');

const listOf = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** The value of the outermost proxy, where several proxies set the header. */
const firstOf = (header: string | string[] | undefined): string => listOf(header)[0] ?? '';

/** A path without its last slash; what is none counts for nothing. */
const prefixOf = (text: string): string => (/^(\/[\w.~%-]+)+\/?$/.test(text) ? text.replace(/\/$/, '') : '');

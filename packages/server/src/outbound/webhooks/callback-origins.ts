import { isIP } from 'node:net';
import { TidingsError } from '@tidings/protocol';
import { hostOf, isInternalName, isLoopbackUrl, reachOf } from '../../http-client/reach.ts';

/**
 * The origins that answers may be posted to: those an operator has named, and in development this machine. Otherwise any sender
 * could make this server call addresses that only it can reach.
 */
export class CallbackOrigins {
  readonly #allowed: ReadonlySet<string>;
  /** The addresses among them. */
  readonly #addresses: ReadonlySet<string>;
  readonly #isDevelopment: boolean;
  readonly #canSign: boolean;

  /** @param canSign whether there is a secret to sign with: what is not signed is not sent */
  constructor(allowed: readonly string[], { isDevelopment, canSign }: { isDevelopment: boolean; canSign: boolean }) {
    this.#allowed = new Set(allowed.map((url) => new URL(url).origin));
    this.#addresses = new Set([...this.#allowed].map((origin) => hostOf(new URL(origin))));
    this.#isDevelopment = isDevelopment;
    this.#canSign = canSign;
  }

  /** Throws `bad_request` for an address that nothing may be posted to, with what to do about it. */
  check(url: string): void {
    const refusal = this.refusal(url);
    if (refusal !== null) throw new TidingsError('bad_request', `callback_url ${refusal}`);
  }

  /**
   * True if a host of an allowed origin may be at an IP address: a name at a public one, at one that is itself named as an origin, and at
   * any of the own network if no public DNS has such a name.
   */
  readonly allowsAddress = (host: string, address: string): boolean => {
    if (isIP(host) !== 0 || this.#addresses.has(address)) return true;
    const reach = reachOf(address);
    return reach === 'public' || (reach === 'internal' && isInternalName(host));
  };

  /** Why nothing may be posted to an address; null if it may. */
  refusal(url: string): string | null {
    if (!URL.canParse(url)) return `must be a URL, as https://app.example.com/answers; got ${JSON.stringify(url)}`;
    const { origin, protocol, username, password } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') return `must begin with https:// or http://; got ${protocol}`;
    if (username !== '' || password !== '') return 'must name no user and password; answers are signed instead';
    if (!this.#allowed.has(origin) && !(this.#isDevelopment && isLoopbackUrl(url))) {
      return `leads to ${origin}, which is not among the server's callbacks.origins (--callback-origins)`;
    }
    return this.#canSign
      ? null
      : 'needs a secret to sign answers with; set callbacks.secret (--callback-secret) of the server';
  }
}

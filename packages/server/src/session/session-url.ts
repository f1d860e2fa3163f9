import type { IncomingMessage } from 'node:http';
import type { ApplicationUser } from '../domain/identity.ts';
import { TokenRefused } from './tokens.ts';

/** How long an answer is taken for true, ms: a page opens several connections at once, and polls. */
const fresh = 5_000;
const remembered = 1_000;
const patience = 5_000;

/** What the address said, and when. */
export interface Answer {
  user: ApplicationUser | null;
  /** Epoch milliseconds. */
  at: number;
}

/** Asks an address that knows an application's sessions, with the Cookie and Authorization headers of the request. */
export class SessionUrl {
  readonly #url: string;
  readonly #known = new Map<string, Answer>();

  constructor(url: string) {
    this.#url = url;
  }

  /** The user is null where the address knows nobody by these headers. Throws TokenRefused where it does not answer. */
  async userOf(request: IncomingMessage, now: number): Promise<Answer> {
    const { cookie, authorization } = request.headers;
    if (!cookie && !authorization) return { user: null, at: now };
    const key = JSON.stringify([cookie, authorization]);
    const known = this.#known.get(key);
    if (known && known.at + fresh > now) return known;
    const user = await this.#ask({ ...(cookie ? { cookie } : {}), ...(authorization ? { authorization } : {}) });
    if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
    const answer = { user, at: now };
    this.#known.set(key, answer);
    return answer;
  }

  async #ask(credentials: Record<string, string>): Promise<ApplicationUser | null> {
    try {
      const headers = { accept: 'application/json', ...credentials };
      const answer = await fetch(this.#url, { headers, signal: AbortSignal.timeout(patience) });
      return answer.ok ? ((await answer.json()) as ApplicationUser) : null;
    } catch {
      throw new TokenRefused('the address that knows the sessions (--auth-url) did not answer');
    }
  }
}

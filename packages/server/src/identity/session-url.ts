import type { IncomingMessage } from 'node:http';
import { TidingsError } from '@tidings/protocol';
import type { ApplicationUser } from '../domain/identity.ts';
import { askService, badAnswer } from './ask-service.ts';
import { Strangers } from './strangers.ts';

/** Time for which an answer is reused, ms: a page opens several connections at once, and polls. */
const freshMs = 5_000;
const remembered = 1_000;
const option = 'auth.url (--auth-url)';

/** The user that the address named, and when. */
export interface Answer {
  user: ApplicationUser | null;
  /** Epoch milliseconds. */
  at: number;
}

/**
 * Asks an address that knows an application's sessions, with the Cookie and Authorization headers of the request. Those who make headers
 * up cause few questions: of each address so many that turn out to name nobody, and no more are asked until some time has passed.
 */
export class SessionUrl {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, Answer>();
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #strangers = new Strangers();

  /** @param timeoutMs how long an answer may take, ms */
  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The user is null if the address answers 401 or 403: it knows nobody by these headers. Any other answer than a user is an outage:
   * throws `unavailable`, as where too many of the caller's address were nobody.
   *
   * @param address of the caller
   */
  async userOf(request: IncomingMessage, address: string, now: number): Promise<Answer> {
    const { cookie, authorization } = request.headers;
    if (!cookie && !authorization) return { user: null, at: now };
    const key = JSON.stringify([cookie, authorization]);
    const known = this.#known.get(key);
    if (known && Math.abs(now - known.at) < freshMs) return known;
    const asked = this.#underWay.get(key);
    if (asked) return asked;
    if (this.#strangers.areTooMany(address, now)) throw tooManyStrangers();
    const credentials = { ...(cookie ? { cookie } : {}), ...(authorization ? { authorization } : {}) };
    const ask = () => this.#answer(key, credentials, now);
    const answering = this.#strangers.count(address, now, ask).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, answering);
    return answering;
  }

  async #answer(key: string, credentials: Record<string, string>, now: number): Promise<Answer> {
    const answer = { user: await this.#ask(credentials), at: now };
    if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(key, answer);
    return answer;
  }

  async #ask(credentials: Record<string, string>): Promise<ApplicationUser | null> {
    const question = { accept: 'application/json', headers: credentials, timeoutMs: this.#timeoutMs };
    const { status, body } = await askService(option, this.#url, question);
    if (status === 401 || status === 403) return null;
    if (body === undefined) throw badAnswer(option, `answers ${status}, not 401 and not a user`);
    return requireUser(body, () => badAnswer(option, `answers ${status} without a user, {"sub": ...}`));
  }
}

const tooManyStrangers = (): TidingsError =>
  new TidingsError('unavailable', 'too many sessions that nobody knows came from this address; try again later');

/** Checks that an answer names a user. Throws the given error if it does not. */
export function requireUser(answer: unknown, failure: () => Error): ApplicationUser {
  const user = typeof answer === 'object' ? (answer as Partial<ApplicationUser> | null) : null;
  if (user?.sub === undefined || user.sub === null) throw failure();
  return user as ApplicationUser;
}

import type { TidingsError } from '@tidings/protocol';
import type { Clock, Logger } from './options.ts';
import type { Requests } from './requests.ts';

/**
 * - `wanted`: to be asked for, by a `subscribe`, on the next connection at the latest
 * - `asked`: a `subscribe` is under way
 * - `answered`: the server has agreed
 * - `vouched`: the cursor counts for it, so that it can be named when resuming
 * - `refused`: the server said no; asked again on the next connection
 */
type FollowStatus = 'wanted' | 'asked' | 'answered' | 'vouched' | 'refused';
interface Follow {
  status: FollowStatus;
  /** How often it was subscribed to and not given up again. */
  count: number;
}

/** Subscribes sent at once and, beyond that, per second: well below what a server allows, since the application acts too. */
const burst = 100;
const perSecond = 40;
/** Longest `topics` that is put into an address, in characters; what does not fit is subscribed to after connecting. */
const longestTopics = 4_000;

/**
 * The tasks that are followed, through reconnections.
 *
 * A cursor vouches only for the topics it was earned with. A topic counts as such from the first ping behind the answer to its
 * `subscribe`, by when its snapshot has come too, whether that is sent before the answer or after it. Until then a lost
 * connection means that it is subscribed to anew.
 */
export class Follows {
  readonly #follows = new Map<string, Follow>();
  readonly #requests: Requests;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #live = false;
  #allowance = burst;
  #cancelRefill: (() => void) | null = null;

  constructor(requests: Requests, logger: Logger, clock: Clock) {
    this.#requests = requests;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** @returns what gives it up again */
  add(taskId: string): () => void {
    const follow = this.#follows.get(taskId) ?? { status: 'wanted', count: 0 };
    this.#follows.set(taskId, follow);
    follow.count++;
    this.#askAll();
    let given = false;
    return () => {
      if (!given) this.#remove(taskId, follow);
      given = true;
    };
  }

  /** The topics to resume with, as in an address; the others are subscribed to once the connection is there. */
  topics(): string {
    let topics = '';
    for (const [taskId, follow] of this.#follows) {
      const next = `${topics && `${topics},`}task:${taskId}`;
      if (follow.status !== 'vouched') continue;
      if (next.length > longestTopics || taskId.includes(',')) follow.status = 'wanted';
      else topics = next;
    }
    return topics;
  }

  /** The server began anew: nothing is vouched for. */
  forget(): void {
    for (const follow of this.#follows.values()) follow.status = 'wanted';
  }

  /** Caught up. */
  start(): void {
    this.#live = true;
    this.#allowance = burst;
    this.#askAll();
  }

  /** The connection is gone. */
  stop(): void {
    this.#live = false;
    this.#cancelRefill?.();
    this.#cancelRefill = null;
    for (const follow of this.#follows.values()) if (follow.status !== 'vouched') follow.status = 'wanted';
  }

  /** A ping came: its cursor counts for all that was answered before it. */
  vouch(): void {
    for (const follow of this.#follows.values()) if (follow.status === 'answered') follow.status = 'vouched';
  }

  #askAll(): void {
    if (!this.#live) return;
    for (const [taskId, follow] of this.#follows) {
      if (follow.status !== 'wanted') continue;
      if (this.#allowance === 0) break;
      this.#allowance--;
      this.#ask(taskId, follow);
    }
    if (this.#allowance < burst) this.#refillLater();
  }

  #refillLater(): void {
    this.#cancelRefill ??= this.#clock.after(1_000, () => {
      this.#cancelRefill = null;
      this.#allowance = Math.min(burst, this.#allowance + perSecond);
      this.#askAll();
    });
  }

  #ask(taskId: string, follow: Follow): void {
    follow.status = 'asked';
    this.#requests.send({ action: 'subscribe', task_id: taskId }, false).then(
      () => this.#answered(follow, 'answered'),
      (error: TidingsError) => {
        if (!this.#answered(follow, error.retryable ? 'wanted' : 'refused')) return;
        if (error.retryable) this.#refillLater();
        else this.#warn(`task ${taskId} cannot be followed`, error);
      },
    );
  }

  #remove(taskId: string, follow: Follow): void {
    if (--follow.count > 0) return;
    this.#follows.delete(taskId);
    if (!this.#live) return;
    this.#requests
      .send({ action: 'unsubscribe', task_id: taskId }, false)
      .catch((error: TidingsError) => this.#live && this.#warn(`task ${taskId} is still followed`, error));
  }

  #answered(follow: Follow, status: FollowStatus): boolean {
    if (follow.status !== 'asked') return false;
    follow.status = status;
    return true;
  }

  #warn(what: string, error: TidingsError): void {
    this.#logger.warn(`tidings: ${what}: ${error.message}`);
  }
}

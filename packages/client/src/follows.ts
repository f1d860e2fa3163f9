import type { TidingsError } from '@tidings/protocol';
import type { Clock, Logger } from './options.ts';
import type { Requests } from './requests.ts';

/**
 * - `wanted`: to be asked for, by a `subscribe`, on the next connection at the latest
 * - `asked`: a `subscribe` is under way
 * - `followed`: the server has agreed, after it sent the task as it stands: it can be named when resuming
 * - `refused`: the server said no; asked again on the next connection
 */
type FollowStatus = 'wanted' | 'asked' | 'followed' | 'refused';
interface Follow {
  status: FollowStatus;
  /** How often it was subscribed to and not given up again. */
  count: number;
  /** How many actions had been asked for when it was last subscribed to. */
  asked: number;
}

/** Subscribes that may be under way, so that what the application does waits behind few of them. */
const atOnce = 20;
/** The pause after a subscribe that was refused for now, in milliseconds. */
const pauseMs = 2_000;
/** Longest `topics` that is put into an address, in characters; what does not fit is subscribed to after connecting. */
const longestTopics = 4_000;

/**
 * The tasks that are followed, through reconnections. One is named when resuming from the answer to its `subscribe` on, before which its
 * snapshot came. Until then a lost connection means that it is subscribed to anew.
 */
export class Follows {
  readonly #follows = new Map<string, Follow>();
  readonly #requests: Requests;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #live = false;
  #asking = 0;
  #cancelPause: (() => void) | null = null;

  constructor(requests: Requests, { logger, clock }: { logger: Logger; clock: Clock }) {
    this.#requests = requests;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** @returns what gives it up again */
  add(taskId: string): () => void {
    const follow = this.#follows.get(taskId) ?? { status: 'wanted', count: 0, asked: 0 };
    this.#follows.set(taskId, follow);
    follow.count++;
    follow.asked = this.#requests.count;
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
      if (follow.status !== 'followed') continue;
      if (next.length > longestTopics || taskId.includes(',')) follow.status = 'wanted';
      else topics = next;
    }
    return topics;
  }

  /** Another user is there: gives up what was subscribed to when no more than so many actions had been asked for. */
  drop(upTo: number): void {
    for (const [taskId, { asked }] of this.#follows) if (asked <= upTo) this.#follows.delete(taskId);
  }

  /** Caught up. */
  start(): void {
    this.#live = true;
    this.#askAll();
  }

  /** The connection is gone. */
  stop(): void {
    this.#live = false;
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.renew('refused');
  }

  /** Wants those again that are refused; or those that are followed, where the server began anew. */
  renew(status: FollowStatus): void {
    for (const follow of this.#follows.values()) if (follow.status === status) follow.status = 'wanted';
  }

  #askAll(): void {
    for (const [taskId, follow] of this.#follows) {
      if (!this.#live || this.#cancelPause || this.#asking >= atOnce) return;
      if (follow.status === 'wanted') this.#ask(taskId, follow);
    }
  }

  #ask(taskId: string, follow: Follow): void {
    follow.status = 'asked';
    this.#asking++;
    const answered = (error?: TidingsError) => {
      this.#asking--;
      follow.status = !error ? 'followed' : error.retryable ? 'wanted' : 'refused';
      if (error?.retryable) this.#pause();
      else if (error && this.#follows.get(taskId) === follow) this.#warn(`cannot follow task ${taskId}`, error);
      this.#askAll();
    };
    this.#requests.send({ action: 'subscribe', task_id: taskId }, false).then(() => answered(), answered);
  }

  #pause(): void {
    if (!this.#live) return;
    this.#cancelPause ??= this.#clock.after(pauseMs, () => {
      this.#cancelPause = null;
      this.#askAll();
    });
  }

  #remove(taskId: string, follow: Follow): void {
    if (--follow.count > 0 || this.#follows.get(taskId) !== follow) return;
    this.#follows.delete(taskId);
    if (!this.#live) return;
    this.#requests
      .send({ action: 'unsubscribe', task_id: taskId }, false)
      .catch((error: TidingsError) => this.#live && this.#warn(`still follows task ${taskId}`, error));
  }

  #warn(what: string, error: TidingsError): void {
    this.#logger.warn(`tidings: ${what}: ${error.message}`);
  }
}

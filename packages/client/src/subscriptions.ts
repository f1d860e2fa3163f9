import type { TidingsError } from '@tidings/protocol';
import type { Clock, Logger } from './options.ts';
import type { Requests } from './requests.ts';

/**
 * - `waiting`: a `subscribe` is to be sent, on the next connection at the latest
 * - `pending`: a `subscribe` is under way
 * - `live`: the server has answered, after it sent the task's snapshot: the task can be named when resuming
 * - `refused`: the server said no; asked again on the next connection
 */
type SubscriptionStatus = 'waiting' | 'pending' | 'live' | 'refused';
interface Subscription {
  status: SubscriptionStatus;
  /** The calls of `subscribe()` that were not undone. */
  count: number;
  /** The number of actions before the last call of `subscribe()`. */
  after: number;
}

/** The most `subscribe` actions under way at once, so that the application's own actions wait behind few of them. */
const atOnce = 20;
/** The pause after a subscribe that was refused for now, in milliseconds. */
const pauseMs = 2_000;
/** The longest `topics` in an address, in characters; the tasks that do not fit are subscribed to after connecting. */
const longestTopics = 4_000;

/**
 * The subscriptions to tasks, through reconnections. Once the server has answered a `subscribe`, after it sent the task's snapshot, the task
 * is named when resuming. Where a connection is lost before that, the task is subscribed to anew.
 */
export class Subscriptions {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #requests: Requests;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #live = false;
  #underWay = 0;
  #cancelPause: (() => void) | null = null;

  constructor(requests: Requests, { logger, clock }: { logger: Logger; clock: Clock }) {
    this.#requests = requests;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** @returns a function that ends the subscription */
  add(taskId: string): () => void {
    const subscription = this.#subscriptions.get(taskId) ?? { status: 'waiting', count: 0, after: 0 };
    this.#subscriptions.set(taskId, subscription);
    subscription.count++;
    subscription.after = this.#requests.count;
    this.#requestAll();
    let isEnded = false;
    return () => {
      if (!isEnded) this.#remove(taskId, subscription);
      isEnded = true;
    };
  }

  /** The topics to resume with, as in an address; the others are subscribed to once the connection is there. */
  topics(): string {
    let topics = '';
    for (const [taskId, subscription] of this.#subscriptions) {
      const next = `${topics && `${topics},`}task:${taskId}`;
      if (subscription.status !== 'live') continue;
      if (next.length > longestTopics || taskId.includes(',')) subscription.status = 'waiting';
      else topics = next;
    }
    return topics;
  }

  /** Drops the subscriptions of the user before: those made before so many actions. */
  drop(upTo: number): void {
    for (const [taskId, { after }] of this.#subscriptions) if (after <= upTo) this.#subscriptions.delete(taskId);
  }

  /** Caught up. */
  start(): void {
    this.#live = true;
    this.#requestAll();
  }

  /** The connection is gone. */
  stop(): void {
    this.#live = false;
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.renew('refused');
  }

  /** Requests again those that were refused, or those that are live, where the server began anew. */
  renew(status: SubscriptionStatus): void {
    for (const subscription of this.#subscriptions.values())
      if (subscription.status === status) subscription.status = 'waiting';
  }

  #requestAll(): void {
    for (const [taskId, subscription] of this.#subscriptions) {
      if (!this.#live || this.#cancelPause || this.#underWay >= atOnce) return;
      if (subscription.status === 'waiting') this.#request(taskId, subscription);
    }
  }

  #request(taskId: string, subscription: Subscription): void {
    subscription.status = 'pending';
    this.#underWay++;
    const answered = (error?: TidingsError) => {
      this.#underWay--;
      subscription.status = !error ? 'live' : error.retryable ? 'waiting' : 'refused';
      if (error?.retryable) this.#pause();
      else if (error && this.#subscriptions.get(taskId) === subscription) this.#warn('subscribe', taskId, error);
      this.#requestAll();
    };
    this.#requests.send({ action: 'subscribe', task_id: taskId }, false).then(() => answered(), answered);
  }

  #pause(): void {
    if (!this.#live) return;
    this.#cancelPause ??= this.#clock.after(pauseMs, () => {
      this.#cancelPause = null;
      this.#requestAll();
    });
  }

  #remove(taskId: string, subscription: Subscription): void {
    if (--subscription.count > 0 || this.#subscriptions.get(taskId) !== subscription) return;
    this.#subscriptions.delete(taskId);
    if (!this.#live) return;
    this.#requests
      .send({ action: 'unsubscribe', task_id: taskId }, false)
      .catch((error: TidingsError) => this.#live && this.#warn('unsubscribe', taskId, error));
  }

  #warn(action: string, taskId: string, { message }: TidingsError): void {
    this.#logger.warn(`tidings: cannot ${action}, task ${taskId}: ${message}`);
  }
}

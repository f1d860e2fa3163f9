import type { TidingsError } from '@tidings/protocol';
import type { Clock, Logger } from './options.ts';
import type { Requests } from './requests.ts';

/**
 * - `waiting`: a `subscribe` is to be sent, on the next connection at the latest
 * - `pending`: a `subscribe` is under way
 * - `live`: the server has answered, after it sent the topic's snapshot: the topic can be named when resuming
 * - `refused`: the server said no; asked again on the next connection
 */
type SubscriptionStatus = 'waiting' | 'pending' | 'live' | 'refused';
/** The member of `subscribe` and `unsubscribe` that names a task or a room. */
type Named = { task_id: string } | { room: string; presence?: boolean };
interface Subscription {
  readonly named: Named;
  status: SubscriptionStatus;
  /** The calls of `add()` that were not undone. */
  count: number;
  /** The number of actions before the last call of `add()`. */
  after: number;
  /** Called with each answer: an error, or nothing once all that there is has come. */
  answered?: ((error?: TidingsError) => void) | undefined;
}

/** The most `subscribe` actions under way at once, so that the application's own actions wait behind few of them. */
const atOnce = 20;
/** The pause after a subscribe that was refused for now, in milliseconds. */
const pauseMs = 2_000;
/** The longest `topics` in an address, in characters; those that do not fit are subscribed to after connecting. */
const longestTopics = 4_000;

/**
 * The subscriptions to tasks and rooms, by topic, through reconnections. Once the server has answered a `subscribe`, after it sent the
 * topic's snapshot, the topic is named when resuming. Where a connection is lost before that, it is subscribed to anew.
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

  /**
   * @param topic as it is named when resuming: `task:import-7`, `room:project:12`
   * @returns a function that ends the subscription
   */
  add(topic: string, named: Named, answered?: Subscription['answered']): () => void {
    const subscription = this.#subscriptions.get(topic) ?? { named, status: 'waiting', count: 0, after: 0, answered };
    this.#subscriptions.set(topic, subscription);
    subscription.count++;
    subscription.after = this.#requests.count;
    this.#requestAll();
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      if (--subscription.count > 0 || this.#subscriptions.get(topic) !== subscription) return;
      this.#subscriptions.delete(topic);
      // Refused, it ends with the connection.
      if (this.#live) this.#requests.send({ action: 'unsubscribe', ...named }, false).catch(() => {});
    };
  }

  /** The topics to resume with, as in an address; the others are subscribed to once the connection is there. */
  topics(): string {
    let topics = '';
    for (const [topic, subscription] of this.#subscriptions) {
      const next = `${topics && `${topics},`}${topic}`;
      if (subscription.status !== 'live') continue;
      if (next.length > longestTopics || topic.includes(',')) subscription.status = 'waiting';
      else topics = next;
    }
    return topics;
  }

  /** Drops the subscriptions of the user before: those made before so many actions. */
  drop(upTo: number): void {
    for (const [topic, { after }] of this.#subscriptions) if (after <= upTo) this.#subscriptions.delete(topic);
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
    for (const [topic, subscription] of this.#subscriptions) {
      if (!this.#live || this.#cancelPause || this.#underWay >= atOnce) return;
      if (subscription.status === 'waiting') this.#request(topic, subscription);
    }
  }

  #request(topic: string, subscription: Subscription): void {
    subscription.status = 'pending';
    this.#underWay++;
    const answered = (error?: TidingsError) => {
      this.#underWay--;
      subscription.status = !error ? 'live' : error.retryable ? 'waiting' : 'refused';
      if (error?.retryable) {
        if (this.#live)
          this.#cancelPause ??= this.#clock.after(pauseMs, () => {
            this.#cancelPause = null;
            this.#requestAll();
          });
      } else if (error && this.#subscriptions.get(topic) === subscription)
        this.#logger.warn(`tidings: cannot subscribe, ${topic}: ${error.message}`);
      subscription.answered?.(error);
      this.#requestAll();
    };
    this.#requests.send({ action: 'subscribe', ...subscription.named }, false).then(() => answered(), answered);
  }
}

import { type BackoffOptions, backoffMs, pause } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Call, Exchange } from './exchange.ts';
import type { Failure } from './failure.ts';
import { type Outcome, Pending } from './pending.ts';

export interface OrderedCallsOptions {
  exchange: Exchange;
  clock: Clock;
  backoff: BackoffOptions;
  timeoutMs: number;
}

/** A call that changes something, and how its answer is read. */
export interface Change<T> {
  call: Call;
  /** Its idempotency key; empty for what may be repeated anyhow. */
  key: string;
  read(body: unknown): T | null;
}

type Tell = (failure: Failure | null) => void;

/** Makes the calls about one thing one after the other, each until it is answered or late; calls about others go on. */
export class OrderedCalls {
  readonly #options: OrderedCallsOptions;
  /** By thing: when the last call about it is through, and why the one under way is not. */
  readonly #things = new Map<string, { last: Promise<void>; failure: Failure | null }>();

  constructor(options: OrderedCallsOptions) {
    this.#options = options;
  }

  /** @param thing null for what has no id yet, which waits for nothing */
  make<T>(thing: string | null, change: Change<T>): Promise<Outcome<T>> {
    if (thing === null) {
      const pending = this.#pending(change, () => null);
      void this.#attempts(change, pending, () => {});
      return pending.promise;
    }
    const line = this.#things.get(thing) ?? { last: Promise.resolve(), failure: null };
    const pending = this.#pending(change, () => line.failure);
    const through = line.last.then(() =>
      this.#attempts(change, pending, (failure) => {
        line.failure = failure;
      }),
    );
    line.last = through;
    this.#things.set(thing, line);
    void through.then(() => {
      if (line.last === through) this.#things.delete(thing);
    });
    return pending.promise;
  }

  #pending<T>({ key }: Change<T>, obstacle: () => Failure | null): Pending<T> {
    const { clock, timeoutMs } = this.#options;
    return new Pending<T>(clock, timeoutMs, key, obstacle);
  }

  async #attempts<T>({ call, read }: Change<T>, pending: Pending<T>, tell: Tell): Promise<void> {
    const { exchange, clock, backoff } = this.#options;
    const stop = new AbortController();
    void pending.promise.then(() => stop.abort());
    while (!pending.settled) {
      pending.sent();
      const answer = await exchange(call, read, stop.signal);
      tell(answer.ok ? null : answer.failure);
      if (answer.ok) pending.succeed(answer.value);
      else {
        pending.attemptFailed(answer.failure);
        const ms = Math.max(answer.failure.retryAfterMs, backoffMs(pending.attempts, backoff));
        if (!pending.settled) await pause(ms, clock, stop.signal);
      }
    }
  }
}

import { TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { Failure } from './failure.ts';

export type Outcome<T> = { ok: true; result: T } | { ok: false; error: TidingsError };

/** The stages of a call: it waits for its turn, is in a request, or waits for its next attempt. */
type Stage = 'waiting' | 'under_way' | 'pausing' | 'settled';

export interface PendingCallOptions {
  clock: Clock;
  /** Milliseconds until the caller is answered, whatever became of the call. */
  timeoutMs: number;
  /** Its idempotency key, named where the outcome is unknown; empty if it may be repeated without one. */
  key: string;
  /** The failure of calls before this one: the reason where this one expires without an attempt of its own. */
  lastFailure(): Failure | null;
}

/** A caller's wait: it ends by a result, by a refusal, or at its deadline. Its promise never rejects. */
export class PendingCall<T> {
  readonly promise: Promise<Outcome<T>>;
  readonly #options: PendingCallOptions;
  readonly #deadline: number;
  readonly #cancelTimer: () => void;
  #resolve!: (outcome: Outcome<T>) => void;
  #stage: Stage = 'waiting';
  #attempts = 0;
  #maybeDone = false;
  #failure: Failure | null = null;

  constructor(options: PendingCallOptions) {
    const { clock, timeoutMs } = options;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#options = options;
    this.#deadline = clock.now() + timeoutMs;
    this.#cancelTimer = clock.after(timeoutMs, () => this.#expire());
  }

  get isSettled(): boolean {
    return this.#stage === 'settled';
  }

  /** Attempts begun so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /** An attempt begins. */
  sent(): void {
    if (this.isSettled) return;
    this.#stage = 'under_way';
    this.#attempts++;
  }

  succeed(result: T): void {
    this.#settle({ ok: true, result });
  }

  refuse(error: TidingsError): void {
    this.#settle({ ok: false, error });
  }

  /** Ends the wait, unless another attempt is worth it and comes before the deadline. */
  attemptFailed(failure: Failure): void {
    if (this.isSettled) return;
    this.#failure = failure;
    this.#maybeDone ||= failure.maybeDone;
    this.#stage = 'pausing';
    if (!failure.again) this.refuse(this.#maybeDone ? this.#explained(failure) : failure.error);
    else if (this.#options.clock.now() + failure.retryAfterMs > this.#deadline) this.refuse(this.#explained(failure));
  }

  #settle(outcome: Outcome<T>): void {
    if (this.isSettled) return;
    this.#stage = 'settled';
    this.#cancelTimer();
    this.#resolve(outcome);
  }

  #expire(): void {
    const within = `within ${this.#options.timeoutMs / 1000} s`;
    if (this.#stage === 'under_way') {
      this.#maybeDone = true;
      this.refuse(new TidingsError('timeout', `no answer ${within}.${this.#unknown()}`));
      return;
    }
    const failure = this.#failure ?? this.#options.lastFailure();
    if (failure) this.refuse(this.#explained(failure));
    else this.refuse(new TidingsError('timeout', `not sent ${within}: calls before it still wait for their answers`));
  }

  #explained({ error }: Failure): TidingsError {
    const tried =
      this.#attempts === 0
        ? `Not sent within ${this.#options.timeoutMs / 1000} s.`
        : `Given up after ${this.#attempts} attempt${this.#attempts === 1 ? '' : 's'}.`;
    const message = `${error.message}. ${tried}${this.#unknown()}`;
    return new TidingsError(error.code, message, { cause: error, index: error.index, retryable: error.retryable });
  }

  #unknown(): string {
    if (!this.#maybeDone || this.#options.key === '') return '';
    return ` Its outcome is unknown: the server may have stored it. Repeated with idempotency_key "${this.#options.key}" it is stored once.`;
  }
}

/** Aborts once nobody waits for any of these calls. */
export function untilSettled(calls: readonly { promise: Promise<unknown> }[]): AbortSignal {
  const stop = new AbortController();
  void Promise.all(calls.map((call) => call.promise)).then(() => stop.abort('every caller has been answered'));
  return stop.signal;
}

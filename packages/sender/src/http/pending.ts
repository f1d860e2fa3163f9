import { TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { Failure } from './failure.ts';

export type Outcome<T> = { ok: true; result: T } | { ok: false; error: TidingsError };

/** Where a call is: waiting for its turn, in a request under way, or in the pause before the next attempt. */
type Stage = 'waiting' | 'under_way' | 'pausing' | 'settled';

/** One call that somebody awaits: answered by its result, by a refusal, or by its deadline. Its promise never rejects. */
export class Pending<T> {
  readonly promise: Promise<Outcome<T>>;
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #timeoutMs: number;
  readonly #key: string;
  readonly #obstacle: () => Failure | null;
  readonly #cancelTimer: () => void;
  #resolve!: (outcome: Outcome<T>) => void;
  #stage: Stage = 'waiting';
  #attempts = 0;
  #maybeDone = false;
  #failure: Failure | null = null;

  /**
   * @param key its idempotency key, named where the outcome is unknown; empty for what may be repeated anyhow
   * @param obstacle why calls before this one are not through, told where this one expires without an attempt of its own
   */
  constructor(clock: Clock, timeoutMs: number, key: string, obstacle: () => Failure | null) {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#deadline = clock.now() + timeoutMs;
    this.#key = key;
    this.#obstacle = obstacle;
    this.#cancelTimer = clock.after(timeoutMs, () => this.#expire());
  }

  get settled(): boolean {
    return this.#stage === 'settled';
  }

  /** Attempts begun so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /** An attempt begins. */
  sent(): void {
    if (this.settled) return;
    this.#stage = 'under_way';
    this.#attempts++;
  }

  succeed(result: T): void {
    this.#settle({ ok: true, result });
  }

  refuse(error: TidingsError): void {
    this.#settle({ ok: false, error });
  }

  /** An attempt failed: settles the call unless it is worth another attempt that its deadline still allows. */
  attemptFailed(failure: Failure): void {
    if (this.settled) return;
    this.#failure = failure;
    this.#maybeDone ||= failure.maybeDone;
    this.#stage = 'pausing';
    if (!failure.again) this.refuse(this.#maybeDone ? this.#explained(failure) : failure.error);
    else if (this.#clock.now() + failure.retryAfterMs > this.#deadline) this.refuse(this.#explained(failure));
  }

  #settle(outcome: Outcome<T>): void {
    if (this.settled) return;
    this.#stage = 'settled';
    this.#cancelTimer();
    this.#resolve(outcome);
  }

  #expire(): void {
    const within = `within ${this.#timeoutMs / 1000} s`;
    if (this.#stage === 'under_way') {
      this.#maybeDone = true;
      this.refuse(new TidingsError('timeout', `no answer ${within}.${this.#unknown()}`));
      return;
    }
    const failure = this.#failure ?? this.#obstacle();
    if (failure) this.refuse(this.#explained(failure));
    else this.refuse(new TidingsError('timeout', `not sent ${within}: calls before it still wait for their answers`));
  }

  #explained({ error }: Failure): TidingsError {
    const tried =
      this.#attempts === 0
        ? `Not sent within ${this.#timeoutMs / 1000} s.`
        : `Given up after ${this.#attempts} attempt${this.#attempts === 1 ? '' : 's'}.`;
    const message = `${error.message}. ${tried}${this.#unknown()}`;
    return new TidingsError(error.code, message, { cause: error, index: error.index, retryable: error.retryable });
  }

  #unknown(): string {
    if (!this.#maybeDone || this.#key === '') return '';
    return ` Its outcome is unknown: the server may have stored it. Repeated with idempotency_key "${this.#key}" it is stored once.`;
  }
}

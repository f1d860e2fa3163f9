import type { Clock } from './clock.ts';

export interface BackoffOptions {
  /** Milliseconds before the second attempt; doubled for each one after it. */
  initialDelayMs: number;
  /** Milliseconds at most, unless the server asks for more by Retry-After. */
  maxDelayMs: number;
}

/** Milliseconds for which `Retry-After` is heeded at most. */
const maxAskedMs = 30_000;

/** Milliseconds before attempt `n + 1`: between half and all of the doubled delay, so that senders spread. */
export function backoffMs(n: number, { initialDelayMs, maxDelayMs }: BackoffOptions, random = Math.random()): number {
  const full = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(n - 1, 30));
  return full * (0.5 + random / 2);
}

/** Pauses that grow while attempts fail in a row. Attempts that fail together count once. */
export class Backoff<F> {
  readonly #clock: Clock;
  readonly #options: BackoffOptions;
  #failures = 0;
  #until = 0;
  #lastFailure: F | null = null;

  constructor(clock: Clock, options: BackoffOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The newest failure; null while attempts succeed. */
  get lastFailure(): F | null {
    return this.#lastFailure;
  }

  /** Milliseconds until the next attempt may begin; 0: now. */
  get remainingMs(): number {
    return this.#failures === 0 ? 0 : Math.max(0, this.#until - this.#clock.now());
  }

  /** @param askedMs milliseconds the server asked to wait; heeded up to 30,000 */
  failed(failure: F, askedMs = 0): void {
    const now = this.#clock.now();
    this.#lastFailure = failure;
    if (this.remainingMs === 0) this.#until = now + backoffMs(++this.#failures, this.#options);
    this.#until = Math.max(this.#until, now + Math.min(askedMs, maxAskedMs));
  }

  /** @param startedAt by the clock; an attempt that began before the newest failure does not end the pause */
  succeeded(startedAt = this.#clock.now()): void {
    if (startedAt < this.#until) return;
    this.#failures = 0;
    this.#lastFailure = null;
  }
}

/** Resolves after `ms`, or at once when `stop` aborts. */
export function pause(ms: number, clock: Clock, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const end = () => {
      cancel();
      stop.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    stop.addEventListener('abort', end, { once: true });
  });
}

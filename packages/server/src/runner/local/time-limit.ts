import type { Clock } from '../../domain/ports.ts';

/** Counts the time that an attempt has been at work, and calls once it is over. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #over: () => void;
  #leftMs: number;
  #since = 0;
  #cancel: (() => void) | null = null;

  /** @param ms time at work; null: any */
  constructor(clock: Clock, ms: number | null, over: () => void) {
    this.#clock = clock;
    this.#leftMs = ms ?? Number.POSITIVE_INFINITY;
    this.#over = over;
  }

  /** Counts from now on. */
  resume(): void {
    if (this.#leftMs === Number.POSITIVE_INFINITY || this.#cancel) return;
    this.#since = this.#clock.now();
    this.#cancel = this.#clock.after(this.#leftMs, () => {
      this.#cancel = null;
      this.#over();
    });
  }

  /** Stops counting, until it is resumed. */
  pause(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = null;
    // A clock that was set back gives no more time than there was.
    this.#leftMs = Math.min(this.#leftMs, Math.max(1, this.#leftMs - (this.#clock.now() - this.#since)));
  }
}

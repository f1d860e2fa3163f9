import type { Clock } from './options.ts';

/** Notices that an expected event does not come, as on a connection that is dead though nobody closed it. */
export class Liveness {
  readonly #clock: Clock;
  readonly #onExpired: () => void;
  #deadline = 0;
  #cancel: (() => void) | null = null;

  /** @param onExpired called once for each deadline that has passed */
  constructor(clock: Clock, onExpired: () => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** A frame came: the next one is due within `ms`. A timer that runs already is kept, since frames are many. */
  extend(ms: number): void {
    this.#deadline = this.#clock.now() + ms;
    if (!this.#cancel) this.#watch();
  }

  /** Calls `onExpired` after `ms`, unless `extend()`, `start()` or `stop()` is called before. */
  start(ms: number): void {
    this.stop();
    this.extend(ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Uses one timer for many frames, which checks the deadline again when it fires. */
  #watch(): void {
    this.#cancel = this.#clock.after(this.#deadline - this.#clock.now(), () => {
      this.#cancel = null;
      if (this.#clock.now() < this.#deadline) this.#watch();
      else this.#onExpired();
    });
  }
}

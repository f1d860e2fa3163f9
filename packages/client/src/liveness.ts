import type { Clock } from './options.ts';

/** The server says something at least every 25 s; 2.5 times that is silence. */
const silenceMs = 62_500;
/** Notices that what was waited for does not come, as on a connection that is dead though nobody closed it. */
export class Liveness {
  readonly #clock: Clock;
  readonly #dead: () => void;
  #deadline = 0;
  #cancel: (() => void) | null = null;

  /** @param dead called once for each deadline that has passed */
  constructor(clock: Clock, dead: () => void) {
    this.#clock = clock;
    this.#dead = dead;
  }

  /** Something was heard. */
  heard(): void {
    this.#deadline = this.#clock.now() + silenceMs;
    if (!this.#cancel) this.#watch();
  }

  /** Something has to be heard, or `stop()` to be called, within `ms`. */
  expect(ms: number): void {
    this.stop();
    this.#deadline = this.#clock.now() + ms;
    this.#watch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One timer for many frames: it looks again when it fires. */
  #watch(): void {
    this.#cancel = this.#clock.after(this.#deadline - this.#clock.now(), () => {
      this.#cancel = null;
      if (this.#clock.now() < this.#deadline) this.#watch();
      else this.#dead();
    });
  }
}

import type { Clock } from './options.ts';

/** The server says something at least every 25 s; 2.5 times that is silence. */
const silenceMs = 62_500;
/** How long a connection may take to answer when there is a reason for doubt. */
const doubtMs = 5_000;

/** Notices that a connection is dead though nobody closed it. */
export class Liveness {
  readonly #clock: Clock;
  readonly #dead: () => void;
  #deadline = 0;
  #cancel: (() => void) | null = null;

  /** @param dead called once, when the deadline has passed */
  constructor(clock: Clock, dead: () => void) {
    this.#clock = clock;
    this.#dead = dead;
  }

  /** Something was heard, or is expected within `ms`. */
  heard(ms = silenceMs): void {
    this.#deadline = this.#clock.now() + ms;
    if (!this.#cancel) this.#watch();
  }

  /** There is doubt, as after sleep or a change of the network: an answer has to come soon. */
  doubt(): void {
    this.#deadline = Math.min(this.#deadline, this.#clock.now() + doubtMs);
    this.#cancel?.();
    this.#watch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One timer for many frames: it looks again when it fires. */
  #watch(): void {
    const left = this.#deadline - this.#clock.now();
    this.#cancel = this.#clock.after(Math.max(0, left), () => {
      this.#cancel = null;
      if (this.#clock.now() < this.#deadline) this.#watch();
      else this.#dead();
    });
  }
}

const remembered = 10_000;

/** Tells how far many keys are ahead of a rate: each thing that is counted puts its key ahead by one interval (GCRA). */
export class Pace {
  readonly #intervalMs: number;
  readonly #mostMs: number;
  /** When a key is on time again, epoch milliseconds. The key that was quiet for longest is the first. */
  readonly #onTime = new Map<string, number>();

  /** @param mostMs no key is further ahead */
  constructor(intervalMs: number, mostMs: number) {
    this.#intervalMs = intervalMs;
    this.#mostMs = mostMs;
  }

  /** The time by which a key is ahead, ms. */
  aheadMs(key: string, now: number): number {
    const ahead = (this.#onTime.get(key) ?? 0) - now;
    // After a clock was set back nobody is ahead.
    if (ahead > this.#mostMs + this.#intervalMs) return 0;
    return Math.min(Math.max(ahead, 0), this.#mostMs);
  }

  /** Counts one. @returns the time by which its key was ahead before, ms */
  count(key: string, now: number): number {
    const ahead = this.aheadMs(key, now);
    this.#onTime.delete(key);
    if (this.#onTime.size >= remembered) this.#onTime.delete(this.#onTime.keys().next().value as string);
    this.#onTime.set(key, now + ahead + this.#intervalMs);
    return ahead;
  }
}

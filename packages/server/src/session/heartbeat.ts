/** The signs of life of a peer, and when it was last pinged. Times are epoch milliseconds. */
export class Heartbeat {
  #lastAlive: number;
  #lastPing: number;

  /** The first ping is due at a random moment, so that a storm of arrivals is spread. */
  constructor(now: number) {
    this.#lastAlive = now;
    this.#lastPing = now - Math.round(Math.random() * 10_000);
  }

  /** Notes a sign of life. */
  alive(now: number): void {
    this.#lastAlive = now;
  }

  /** Notes that the peer is pinged. */
  pinged(now: number): void {
    this.#lastPing = now;
  }

  /** True if the last ping is at least so many ms away, either way: a clock that was set back does not end the pings. */
  isPingDue(now: number, intervalMs: number): boolean {
    return Math.abs(now - this.#lastPing) >= intervalMs;
  }

  /** True if the last ping was answered by no sign of life for so many ms. */
  isSilent(now: number, timeoutMs: number): boolean {
    return this.#lastAlive < this.#lastPing && now - this.#lastPing > timeoutMs;
  }
}

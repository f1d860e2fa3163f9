/** When a peer was last pinged, and whether it has answered. Times are epoch milliseconds. */
export class Heartbeat {
  #lastPing: number;
  /** True if there was a sign of life since. A clock that is set does not change that. */
  #isAnswered = true;

  /** The first ping is due at a random moment, so that a storm of arrivals is spread. */
  constructor(now: number) {
    this.#lastPing = now - Math.round(Math.random() * 10_000);
  }

  /** Notes a sign of life. */
  alive(): void {
    this.#isAnswered = true;
  }

  /** Notes that the peer is pinged. */
  pinged(now: number): void {
    this.#lastPing = now;
    this.#isAnswered = false;
  }

  /** True if the last ping is at least so many ms away, either way: a clock that was set back does not end the pings. */
  isPingDue(now: number, intervalMs: number): boolean {
    return Math.abs(now - this.#lastPing) >= intervalMs;
  }

  /** True if the last ping was answered by no sign of life for so many ms. */
  isSilent(now: number, timeoutMs: number): boolean {
    return !this.#isAnswered && now - this.#lastPing > timeoutMs;
  }
}

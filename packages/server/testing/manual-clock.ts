import type { Clock } from '../src/domain/ports.ts';
import { systemClock } from '../src/jobs/system-clock.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  /** Added to `#now` by those who set the clock. */
  #setBy = 0;
  readonly #waiting = new Set<{ at: number; call: () => void }>();

  /** @param now epoch milliseconds */
  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#setBy;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Sets the time of day forward, or back, as an operator does: no time goes by. */
  set(byMs: number): void {
    this.#setBy += byMs;
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + ms, call };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Moves the time on, and calls back what is due on the way in its order; promises go on in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      this.#waiting.delete(next);
      next.call();
    }
    this.#now = end;
  }

  /** Moves the time on as for a process that was busy or stopped: what came due is called back late, and nothing goes on in between. */
  jump(ms: number): void {
    this.#now += ms;
    const due = [...this.#waiting].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const entry of due) if (this.#waiting.delete(entry)) entry.call();
  }
}

/** Tells a time of the test's own, and waits in real time. */
export const clockAt = (now: () => number): Clock => ({ ...systemClock, now });

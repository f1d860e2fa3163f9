import type { Clock } from '../options.ts';

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = Date.parse('2026-01-31T09:30:00Z');
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now = (): number => this.#now;

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Runs what falls due within `ms`, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  /** Sleeps through `ms` as a suspended device does: timers fire late, all at the end. */
  sleep(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }
}

/**
 * Runs a bounded number of things at a time, so that a storm of them leaves the database to others too. Owners who wait are served in
 * turn: however many one of them waits for, another waits for one of each.
 */
export class Turns {
  readonly #limit: number;
  /** In the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;

  /** @param limit how many run at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number that wait for their turn. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#waiting.values()) count += queue.length;
    return count;
  }

  /** Runs one when the turn of its owner comes. */
  async run<T>(owner: string, run: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#wait(owner, resolve));
    else this.#running++;
    try {
      return await run();
    } finally {
      // A place that is freed goes straight to the next.
      const next = this.#next();
      if (next) next();
      else this.#running--;
    }
  }

  #wait(owner: string, begin: () => void): void {
    const waiting = this.#waiting.get(owner);
    if (waiting) waiting.push(begin);
    else this.#waiting.set(owner, [begin]);
  }

  #next(): (() => void) | undefined {
    const [owner, waiting] = this.#waiting.entries().next().value ?? ['', []];
    const next = waiting.shift();
    this.#waiting.delete(owner);
    if (waiting.length > 0) this.#waiting.set(owner, waiting);
    return next;
  }
}

import { KeyCounter } from './key-counter.ts';

/**
 * Runs a bounded number of things at a time, so that a storm of them leaves the database to others too. Owners who wait are served in
 * turn: however many one of them waits for, another waits for one of each.
 */
export class Turns {
  readonly #limit: number;
  readonly #perOwner: number;
  /** In the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #ofOwners = new KeyCounter();
  #running = 0;

  /**
   * @param limit how many run at a time
   * @param perOwner how many of one owner do
   */
  constructor(limit: number, perOwner = limit) {
    this.#limit = limit;
    this.#perOwner = perOwner;
  }

  /** The number that wait for their turn. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#waiting.values()) count += queue.length;
    return count;
  }

  /** Runs one when the turn of its owner comes. */
  async run<T>(owner: string, run: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit && this.#hasRoom(owner)) this.#count(owner);
    else await new Promise<void>((resolve) => this.#wait(owner, resolve));
    try {
      return await run();
    } finally {
      this.#running--;
      this.#ofOwners.remove(owner);
      this.#beginNext();
    }
  }

  #hasRoom(owner: string): boolean {
    return this.#ofOwners.of(owner) < this.#perOwner;
  }

  #count(owner: string): void {
    this.#running++;
    this.#ofOwners.add(owner);
  }

  #wait(owner: string, begin: () => void): void {
    const waiting = this.#waiting.get(owner);
    if (waiting) waiting.push(begin);
    else this.#waiting.set(owner, [begin]);
  }

  /** A place that is freed goes straight to the next whose owner may have one more. */
  #beginNext(): void {
    for (const [owner, waiting] of this.#waiting) {
      if (!this.#hasRoom(owner)) continue;
      const begin = waiting.shift() as () => void;
      this.#waiting.delete(owner);
      if (waiting.length > 0) this.#waiting.set(owner, waiting);
      this.#count(owner);
      begin();
      return;
    }
  }
}

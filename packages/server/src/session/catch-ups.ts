/** Lets a bounded number of catch-ups run at a time, so that a storm of them leaves the database to others too. */
export class CatchUps {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run(catchUp: () => Promise<void>): Promise<void> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      await catchUp();
    } finally {
      // A place that is freed goes straight to who waits longest.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

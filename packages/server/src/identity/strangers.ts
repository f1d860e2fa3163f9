import { KeyCounter } from '../domain/key-counter.ts';

/** The sessions of nobody that one address may bring at once, and the time between those after them, ms. */
const burst = 30;
const interval = 500;
/** The questions about one address's sessions that may be under way at a time. */
const mostUnderWay = 100;
const remembered = 10_000;

/** Counts the sessions of nobody that each address has brought. */
export class Strangers {
  /** When an address may have as many again as it has brought, epoch milliseconds. */
  readonly #free = new Map<string, number>();
  readonly #underWay = new KeyCounter();

  /** True if an address has brought so many that no more of it are asked about for a while. */
  areTooMany(address: string, now: number): boolean {
    if (this.#underWay.of(address) >= mostUnderWay) return true;
    const ahead = (this.#free.get(address) ?? 0) - now;
    // A clock that was set back keeps nobody out for longer than that.
    return ahead > (burst - 1) * interval && ahead <= burst * interval;
  }

  /** Runs a question about a session that an address has brought, and counts it if that is nobody's. */
  async count<A extends { user: unknown }>(address: string, now: number, ask: () => Promise<A>): Promise<A> {
    this.#underWay.add(address);
    try {
      const answer = await ask();
      if (answer.user === null) this.#add(address, now);
      return answer;
    } finally {
      this.#underWay.remove(address);
    }
  }

  #add(address: string, now: number): void {
    const free = Math.min(Math.max(this.#free.get(address) ?? 0, now) + interval, now + burst * interval);
    // The one that was quiet for longest is the first.
    this.#free.delete(address);
    if (this.#free.size >= remembered) this.#free.delete(this.#free.keys().next().value as string);
    this.#free.set(address, free);
  }
}

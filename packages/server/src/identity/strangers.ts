import { KeyCounter } from '../domain/key-counter.ts';
import { Pace } from './pace.ts';

/** The time between the sessions of nobody that one address may bring, ms, and the number that it may bring at once before. */
const interval = 500;
const burst = 30;
/** The questions about one address's sessions that may be under way at a time. */
const mostUnderWay = 100;

/** Counts the sessions of nobody that each address has brought. */
export class Strangers {
  readonly #pace = new Pace(interval, burst * interval);
  readonly #underWay = new KeyCounter();

  /** True if an address has brought so many that no more of it are asked about for a while. */
  areTooMany(address: string, now: number): boolean {
    return this.#underWay.of(address) >= mostUnderWay || this.#pace.aheadMs(address, now) > (burst - 1) * interval;
  }

  /** Runs a question about a session that an address has brought, and counts it if that is nobody's. */
  async count<A extends { user: unknown }>(address: string, now: number, ask: () => Promise<A>): Promise<A> {
    this.#underWay.add(address);
    try {
      const answer = await ask();
      if (answer.user === null) this.#pace.count(address, now);
      return answer;
    } finally {
      this.#underWay.remove(address);
    }
  }
}

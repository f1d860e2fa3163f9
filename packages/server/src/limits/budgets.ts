import type { Clock } from '../domain/ports.ts';

/** A rate: units at once, and units a second in the long run. */
export interface Rate {
  burst: number;
  perSecond: number;
}

interface Balance {
  left: number;
  /** The time of `left`, epoch milliseconds. */
  at: number;
  /** Nothing is granted before this time, epoch milliseconds; 0 after a grant. */
  heldUntil: number;
}

/**
 * The shortest wait after a refusal, ms. What a caller sent behind a refused request is refused with it, so that the caller can repeat all
 * of it in order.
 */
const shortestWait = 1_000;

/**
 * The budgets of many callers, all of one rate: token buckets. Whoever has a unit left may overdraw, and waits until that is paid back:
 * no request is refused for its size alone.
 */
export class Budgets {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** The caller that was quiet for longest is the first. */
  readonly #balances = new Map<string, Balance>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** The number of callers that are remembered: those whose budget is not whole again. */
  get size(): number {
    return this.#balances.size;
  }

  /** @returns 0 where the cost was taken, else the time to wait, ms */
  spend(caller: string, cost: number): number {
    const now = this.#clock.now();
    const balance = this.#balanceOf(caller, now);
    if (balance.heldUntil > now) return balance.heldUntil - now;
    // A caller who has waited for the time that was told has a unit, however fractions are rounded.
    if (balance.left >= 1 || balance.heldUntil > 0) {
      balance.left -= cost;
      balance.heldUntil = 0;
      return 0;
    }
    const wait = Math.max(shortestWait, Math.ceil(((1 - balance.left) / this.#rate.perSecond) * 1_000));
    balance.heldUntil = now + wait;
    return wait;
  }

  /** Takes a cost that turned out only afterwards: who has not as much left waits until it is paid back. */
  charge(caller: string, cost: number): void {
    this.#balanceOf(caller, this.#clock.now()).left -= cost;
  }

  #balanceOf(caller: string, now: number): Balance {
    const known = this.#balances.get(caller) ?? { left: this.#rate.burst, at: now, heldUntil: 0 };
    const left = this.#leftAt(known, now);
    // A clock that was set back makes nobody wait longer.
    const heldUntil = known.at > now ? 0 : known.heldUntil;
    const balance = { left, at: now, heldUntil };
    this.#balances.delete(caller);
    this.#balances.set(caller, balance);
    this.#forget(caller, now);
    return balance;
  }

  #leftAt({ left, at }: Balance, now: number): number {
    return Math.min(this.#rate.burst, left + (Math.max(0, now - at) / 1_000) * this.#rate.perSecond);
  }

  /** Forgets other callers whose budgets are whole again: more of them than one call adds. */
  #forget(caller: string, now: number): void {
    for (let n = 0; n < 2; n++) {
      const [oldest, balance] = this.#balances.entries().next().value as [string, Balance];
      if (oldest === caller || balance.heldUntil > now || this.#leftAt(balance, now) < this.#rate.burst) return;
      this.#balances.delete(oldest);
    }
  }
}

import type { HealthState } from '@tidings/protocol';
import { type Hold, isWorse } from './finding.ts';

/**
 * Takes on a state once the findings have held for a while, so that one that flaps stays as it is. The state gets worse by as much as the
 * last `worse` findings agree on at least, and better by as much as the last `better` ones do.
 */
export class Damper {
  readonly #hold: Hold;
  #state: HealthState = 'ok';
  #recent: HealthState[] = [];

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Takes the next finding. @returns the state from now on */
  take(found: HealthState): HealthState {
    const { worse, better } = this.#hold;
    this.#recent = [...this.#recent, found].slice(-Math.max(worse, better));
    const mildest = this.#agreed(worse, (a, b) => isWorse(a, b));
    const severest = this.#agreed(better, (a, b) => isWorse(b, a));
    if (mildest && isWorse(mildest, this.#state)) this.#state = mildest;
    else if (severest && isWorse(this.#state, severest)) this.#state = severest;
    return this.#state;
  }

  /** One of the last `count` findings, which gives way to each that it `yields` to; undefined before there are so many. */
  #agreed(count: number, yields: (to: HealthState, by: HealthState) => boolean): HealthState | undefined {
    if (this.#recent.length < count) return undefined;
    return this.#recent.slice(-count).reduce((one, other) => (yields(one, other) ? other : one));
  }
}

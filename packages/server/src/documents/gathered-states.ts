import type { Clock } from '../domain/ports.ts';
import type { UserState } from './awareness.ts';

/** The least time between two times that states are given out, ms. */
const pauseMs = 50;

/**
 * Gives out states at most 20 times a second, of each client the newest: many cursors that move cost each member no more frames than one. What
 * comes after a pause goes out at once.
 */
export class GatheredStates {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #giveOut: (states: UserState[]) => void;
  /** Of each client the newest that was not given out. */
  readonly #waiting = new Map<number, UserState>();
  /** Ends the pause; null where there is none. */
  #cancelPause: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'after'>, giveOut: (states: UserState[]) => void) {
    this.#clock = clock;
    this.#giveOut = giveOut;
  }

  add(states: readonly UserState[]): void {
    for (const state of states) this.#waiting.set(state.client, state);
    if (this.#cancelPause === null) this.#next();
  }

  /** Gives out what waits, and nothing later. */
  end(): void {
    this.#cancelPause?.();
    this.#cancelPause = () => {};
    this.#flush();
  }

  #next(): void {
    this.#cancelPause = this.#waiting.size === 0 ? null : this.#clock.after(pauseMs, () => this.#next());
    this.#flush();
  }

  #flush(): void {
    if (this.#waiting.size === 0) return;
    const states = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#giveOut(states);
  }
}

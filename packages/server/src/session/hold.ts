import type { SharedFrame } from '../fanout/shared-frame.ts';

type State = { kind: 'off' } | { kind: 'keeping'; frames: SharedFrame[] } | { kind: 'lost' };
const off: State = { kind: 'off' };

/** Live frames held back while something is read; lost where more came than could be kept. */
export class Hold {
  readonly #limit: number;
  #state: State = off;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isOn(): boolean {
    return this.#state.kind !== 'off';
  }

  get isLost(): boolean {
    return this.#state.kind === 'lost';
  }

  /** Holds from now on; what is held already stays. */
  begin(): void {
    if (this.#state.kind !== 'keeping') this.#state = { kind: 'keeping', frames: [] };
  }

  keep(frame: SharedFrame): void {
    if (this.#state.kind !== 'keeping') return;
    if (this.#state.frames.length < this.#limit) this.#state.frames.push(frame);
    else this.lose();
  }

  lose(): void {
    this.#state = { kind: 'lost' };
  }

  /** Ends the hold. @returns what was held */
  end(): readonly SharedFrame[] {
    const held = this.#state.kind === 'keeping' ? this.#state.frames : [];
    this.#state = off;
    return held;
  }
}

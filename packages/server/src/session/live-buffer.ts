import type { SharedFrame } from '../fanout/shared-frame.ts';

/** Live frames kept back while something is read; overflown where more came than it may keep. */
export class LiveBuffer {
  readonly #limit: number;
  /** Null once it has overflown. */
  #frames: SharedFrame[] | null = [];

  /** @param limit how many frames it keeps */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get hasOverflown(): boolean {
    return this.#frames === null;
  }

  get frames(): readonly SharedFrame[] {
    return this.#frames ?? [];
  }

  keep(frame: SharedFrame): void {
    if (!this.#frames) return;
    if (this.#frames.length < this.#limit) this.#frames.push(frame);
    else this.overflow();
  }

  /** Gives up all that is kept and all that comes: it is to be read instead. */
  overflow(): void {
    this.#frames = null;
  }
}

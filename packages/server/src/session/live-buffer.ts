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

  /** @returns how many frames are given up by it, this one included; 0 if it is kept */
  keep(frame: SharedFrame): number {
    if (!this.#frames) return 1;
    if (this.#frames.length >= this.#limit) return this.overflow() + 1;
    this.#frames.push(frame);
    return 0;
  }

  /** Gives up all that is kept and all that comes: it is to be read instead. @returns how many frames were kept */
  overflow(): number {
    const { length } = this.frames;
    this.#frames = null;
    return length;
  }
}

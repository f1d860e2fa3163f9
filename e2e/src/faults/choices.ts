import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random choices that are the same for the same seed. */
export class Choices {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from 0 to below this. */
  below(end: number): number {
    return uniformInt(this.#generator, 0, end - 1);
  }

  between(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }
}

export const newSeed = (): number => Math.floor(Math.random() * 2 ** 31);

import type { AnyType } from './content-parts.ts';

export interface TypeInList {
  type: AnyType;
  /** The number of units before it in its list. */
  before: number;
}

/** The types of a list, as the list is taken from its start up to each of them. */
export class KeptTypes {
  readonly #types: readonly TypeInList[];
  #index = 0;
  /** The number of units that were taken of the list. */
  #taken = 0;

  constructor(types: readonly TypeInList[]) {
    this.#types = types;
  }

  get next(): TypeInList | undefined {
    return this.#types[this.#index];
  }

  /** Takes the next one. @returns the number of units that are left before it */
  take(): number {
    const { before } = this.#types[this.#index++] as TypeInList;
    const left = before - this.#taken;
    this.#taken = before + 1;
    return left;
  }
}

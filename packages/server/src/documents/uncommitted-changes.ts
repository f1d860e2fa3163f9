interface StoredCall {
  /** The number of changes that are to be stored before it. */
  count: number;
  run: () => void;
  failed: (error: unknown) => void;
}

/** The changes of a document that were made on this node and wait for their commit, and the calls that wait for that. */
export class UncommittedChanges {
  #updates: Uint8Array[] = [];
  #bytes = 0;
  /** The number of changes that were made here, and of those that are stored. */
  #made = 0;
  #stored = 0;
  #calls: StoredCall[] = [];

  /** Those that no commit has taken yet. */
  get updates(): readonly Uint8Array[] {
    return this.#updates;
  }

  /** The size of `updates`, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of all changes that were made here, stored or not. */
  get made(): number {
    return this.#made;
  }

  add(update: Uint8Array): void {
    this.#updates.push(update);
    this.#bytes += update.length;
    this.#made++;
  }

  /** A commit has taken the first `count` of `updates`. */
  take(count: number): void {
    for (const { length } of this.#updates.splice(0, count)) this.#bytes -= length;
  }

  /** The first `count` of all changes are stored: what waited for them is called. */
  stored(count: number): void {
    this.#stored = count;
    while (this.#calls[0] && this.#calls[0].count <= count) this.#calls.shift()?.run();
  }

  /** Calls `run` when all that was made until now is stored, `failed` where it cannot be. */
  whenStored(run: () => void, failed: (error: unknown) => void): void {
    if (this.#stored >= this.#made) run();
    else this.#calls.push({ count: this.#made, run, failed });
  }

  /** Nothing more will be stored. */
  fail(error: unknown): void {
    for (const { failed } of this.#calls.splice(0)) failed(error);
  }
}

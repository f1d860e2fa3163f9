/** The number of updates after which they are merged, or one for each `partBytes` of the last state where that is more. */
const mergeAt = { updates: 500, partBytes: 2_048 };
/** The bytes of updates after which they are merged, or half the size of the last state where that is more. */
const mergeAtBytes = 262_144;

/** The size of a document with its history, bytes: whether an update fits into it, and when its updates are to be merged. */
export class DocumentSize {
  readonly #most: number;
  readonly #measure: () => number;
  /** The size of the last state that was stored or read. */
  #base = 0;
  /** The number and the size of the updates since. */
  #since = { updates: 0, bytes: 0 };
  /** The size of the document when it was last measured, the bytes that came since, and if something was removed since. */
  #measured: { size: number; added: number; isLess: boolean } | null = null;

  /**
   * @param most the largest size, bytes
   * @param measure returns the size of the document's whole state, bytes; it takes as long as the document is large
   */
  constructor(most: number, measure: () => number) {
    this.#most = most;
    this.#measure = measure;
  }

  /** Counts an update that was read from the store: the first one is a whole state. */
  addRead(bytes: number): void {
    if (this.#base === 0) this.#base = bytes;
    else this.add(bytes);
  }

  /** Counts an update that is stored. */
  add(bytes: number): void {
    this.#since.updates++;
    this.#since.bytes += bytes;
  }

  /** Something was removed from the document: it may have become smaller. */
  removed(): void {
    if (this.#measured !== null) this.#measured.isLess = true;
  }

  /** Takes space for an update. @returns false if there is none, with these bytes that wait to be stored */
  reserve(bytes: number, waitingBytes: number): boolean {
    if (this.#base + this.#since.bytes + waitingBytes + bytes <= this.#most) return true;
    // The sum still counts what was deleted since. To measure takes as long as the document is large, so it is not done for each update.
    const fits = (): boolean => (this.#measured?.size ?? this.#most) + bytes <= this.#most;
    const { added = Number.POSITIVE_INFINITY, isLess = true } = this.#measured ?? {};
    if (added + bytes > this.#most / 16 || (isLess && !fits())) {
      this.#measured = { size: this.#measure(), added: 0, isLess: false };
    }
    if (!fits()) return false;
    if (this.#measured) this.#measured.added += bytes;
    return true;
  }

  /** True if so much was stored since the last state that it is to be merged into one. */
  get isMergeDue(): boolean {
    const { updates, bytes } = this.#since;
    return (
      updates >= Math.max(mergeAt.updates, this.#base / mergeAt.partBytes) ||
      (updates > 1 && bytes >= Math.max(mergeAtBytes, this.#base / 2))
    );
  }

  /** All updates are merged into one state of this size. */
  merged(bytes: number): void {
    this.#base = bytes;
    this.#since = { updates: 0, bytes: 0 };
  }
}

/** Time for which what is repeated is logged only once, ms. */
const quiet = 1_000;
const remembered = 10_000;

interface Line {
  at: number;
  unsaid: number;
}

/** Logs what is repeated once a second, with the number of times that were left out. */
export class LogLimiter {
  readonly #lines = new Map<string, Line>();

  /**
   * Counts one more of a kind. @returns null if it is not to be logged, else what its line says besides
   * @param now epoch milliseconds
   */
  take(kind: string, now: number): { repeated?: number } | null {
    const line = this.#lines.get(kind);
    if (line && Math.abs(now - line.at) < quiet) {
      line.unsaid++;
      return null;
    }
    // The one that was quiet for longest is the first.
    this.#lines.delete(kind);
    if (this.#lines.size >= remembered) this.#lines.delete(this.#lines.keys().next().value as string);
    this.#lines.set(kind, { at: now, unsaid: 0 });
    return line && line.unsaid > 0 ? { repeated: line.unsaid } : {};
  }
}

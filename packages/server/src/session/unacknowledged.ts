/** The most cursors that are waited for. */
const remembered = 10_000;

/** Records that were written over SSE or polling: they have arrived when their client comes back with the cursor behind them. */
export class Unacknowledged {
  /** By user and rev of the cursor, oldest first. */
  readonly #records = new Map<string, number>();

  /** So many records were written to a user, up to a cursor of this rev. */
  add(userId: string, rev: number, records: number): void {
    const key = `${rev} ${userId}`;
    const before = this.#records.get(key) ?? 0;
    this.#records.delete(key);
    if (this.#records.size >= remembered) this.#records.delete(this.#records.keys().next().value as string);
    this.#records.set(key, before + records);
  }

  /** A client of the user has come back with a cursor of this rev. @returns the number of records that have arrived */
  take(userId: string, rev: number): number {
    const key = `${rev} ${userId}`;
    const records = this.#records.get(key) ?? 0;
    this.#records.delete(key);
    return records;
  }
}

import type { CanaryStore } from '../../domain/store/health.ts';
import { canaryId } from './record.ts';

/**
 * Removes the canary's records of nodes that have ended. A node renews its own every 3 s: one that is where it was a minute before is abandoned.
 * One that comes back all the same writes a new one.
 */
export class AbandonedRecords {
  readonly #store: CanaryStore;
  readonly #own: string;
  /** By record, the rev at which it was found last. */
  #found = new Map<string, number>();

  constructor(node: string, store: CanaryStore) {
    this.#own = canaryId(node);
    this.#store = store;
  }

  /** Once a minute. */
  async sweep(): Promise<void> {
    const records = (await this.#store.canaryRecords()).filter(({ id }) => id !== this.#own);
    const abandoned = records.filter(({ id, rev }) => this.#found.get(id) === rev);
    this.#found = new Map(records.map(({ id, rev }) => [id, rev]));
    if (abandoned.length > 0) await this.#store.removeCanaryRecords(abandoned);
  }
}

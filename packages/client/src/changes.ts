import { Listeners } from './handlers.ts';
import type { Logger } from './options.ts';

/**
 * Tells of changes to a value that is asked for with `getSnapshot()`, and keeps that value until the next change.
 * Between `hold()` and `release()` nobody is told, so that a catch-up of thousands of frames draws once.
 */
export class Changes<S> {
  readonly #listeners: Listeners<void>;
  readonly #take: () => S;
  #snapshot: S | undefined;
  #telling: 'now' | 'held' | 'owed' = 'now';

  /** @param take makes the snapshot, at most once after each change */
  constructor(logger: Logger, take: () => S) {
    this.#listeners = new Listeners(logger);
    this.#take = take;
  }

  get snapshot(): S {
    this.#snapshot ??= this.#take();
    return this.#snapshot;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  changed(): void {
    if (this.#telling !== 'now') {
      this.#telling = 'owed';
      return;
    }
    this.#snapshot = undefined;
    this.#listeners.emit();
  }

  hold(): void {
    if (this.#telling === 'now') this.#telling = 'held';
  }

  release(): void {
    const owed = this.#telling === 'owed';
    this.#telling = 'now';
    if (owed) this.changed();
  }
}

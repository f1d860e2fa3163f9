import { Listeners } from './handlers.ts';
import type { Clock, Logger } from './options.ts';

/** The shortest time between two calls of the listeners, in milliseconds: about an animation frame. */
const intervalMs = 16;

/**
 * Emits the changes of a value that is read with `getSnapshot()`, and keeps that value until the next change. Listeners are called
 * at once, then at most once in 16 ms, and never for a change that changed nothing. Between `hold()` and `release()` nobody is
 * called and the value stays, so that a catch-up of thousands of frames draws once.
 */
export class Changes<S> {
  readonly #listeners: Listeners<void>;
  readonly #clock: Clock;
  readonly #take: (before: S | undefined) => S;
  /** Values that are made of this one. */
  readonly #dependents = new Set<{ changed(): void }>();
  #snapshot: S | undefined;
  #emitted: S | undefined;
  #isStale = true;
  #isHeld = false;
  /** True if a call of the listeners is due once it may happen. */
  #isOwed = false;
  #isPaused = false;

  /** @param take makes the snapshot, at most once after each change; it returns the one before if nothing changed */
  constructor({ logger, clock }: { logger: Logger; clock: Clock }, take: (before: S | undefined) => S) {
    this.#listeners = new Listeners(logger);
    this.#clock = clock;
    this.#take = take;
  }

  get snapshot(): S {
    if (this.#isStale) this.#snapshot = this.#take(this.#snapshot);
    this.#isStale = false;
    return this.#snapshot as S;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Makes another value change with this one. @returns what ends that */
  feed(dependent: { changed(): void }): () => void {
    this.#dependents.add(dependent);
    return () => void this.#dependents.delete(dependent);
  }

  changed(): void {
    this.#isOwed = true;
    if (this.#isHeld) return;
    this.#isStale = true;
    for (const dependent of this.#dependents) dependent.changed();
    if (!this.#isPaused) this.emit();
  }

  /** Calls the listeners now, where the value is another than they were called for. */
  emit(): void {
    this.#isOwed = false;
    if (this.#emitted === this.snapshot) return;
    this.#emitted = this.snapshot;
    this.#isPaused = true;
    this.#clock.after(intervalMs, () => {
      this.#isPaused = false;
      if (this.#isOwed && !this.#isHeld) this.emit();
    });
    this.#listeners.emit();
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (this.#isOwed) this.changed();
  }
}

import { Listeners } from './handlers.ts';
import type { Clock, Logger } from './options.ts';

/** The shortest time between two calls of the listeners, in milliseconds: about an animation frame. */
const intervalMs = 16;

/**
 * A value that is read with `getSnapshot()` and changes. The store keeps that value until the next change. Listeners are called
 * at once, then at most once in 16 ms, and never for a change that changed nothing. Between `hold()` and `release()` nobody is
 * called and the value stays, so that a catch-up of thousands of frames draws once.
 */
export class SnapshotStore<S> {
  readonly #listeners: Listeners<void>;
  readonly #clock: Clock;
  readonly #take: (before: S | undefined) => S;
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

  getSnapshot = (): S => {
    if (this.#isStale) this.#snapshot = this.#take(this.#snapshot);
    this.#isStale = false;
    return this.#snapshot as S;
  };

  onChange = (listener: () => void): (() => void) => this.#listeners.add(listener);

  changed(): void {
    this.#isOwed = true;
    if (this.#isHeld) return;
    this.#isStale = true;
    if (!this.#isPaused) this.#emit();
  }

  /** Calls the listeners now, if the value is another than they were called for. */
  #emit(): void {
    this.#isOwed = false;
    const now = this.getSnapshot();
    if (this.#emitted === now) return;
    this.#emitted = now;
    this.#isPaused = true;
    this.#clock.after(intervalMs, () => {
      this.#isPaused = false;
      if (this.#isOwed && !this.#isHeld) this.#emit();
    });
    this.#listeners.emit();
  }

  /** @param isVoid true if the value of before must not be shown any longer, since it may be another user's */
  hold(isVoid: boolean): void {
    if (isVoid) {
      this.changed();
      this.#emit();
    }
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (this.#isOwed) this.changed();
  }
}

import type { ChangeListener, Changes, WaitOptions } from '../domain/changes.ts';
import type { Clock } from '../domain/ports.ts';
import type { Change } from '../domain/writes.ts';

/** Wakes those who wait for a record to change. A subscriber of the hub to every topic. */
export class ChangeWatcher implements Changes {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #listeners = new Map<string, Set<ChangeListener>>();
  readonly #ends = new Set<() => void>();
  #isClosed = false;
  /** The rev of the newest change that was delivered. */
  lastRev = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  deliver({ change }: { change: Change }): void {
    this.lastRev = change.rev;
    this.#call(change.id, change);
    this.#call(change.kind, change);
  }

  /** The history is another one: what was waited for may have happened unseen. */
  historyChanged(): void {
    this.lastRev = 0;
    for (const name of [...this.#listeners.keys()]) this.#call(name, null);
  }

  listen(name: string, listener: ChangeListener): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => {
      if (set.delete(listener) && set.size === 0) this.#listeners.delete(name);
    };
  }

  async waitFor<T>(names: readonly string[], options: WaitOptions, look: () => Promise<T | null>): Promise<T | null> {
    const wait = this.#wait(names, options);
    try {
      for (;;) {
        const found = await look();
        if (found !== null || !(await wait.forChange())) return found;
      }
    } finally {
      wait.end();
    }
  }

  /** Ends all waiting, for good: from now on there is one look, and no second. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#ends]) end();
  }

  #wait(names: readonly string[], { ms, signal }: WaitOptions) {
    let state: 'waiting' | 'changed' | 'ended' = signal?.aborted || this.#isClosed ? 'ended' : 'waiting';
    let wake = () => {};
    const changed = () => {
      if (state === 'waiting') state = 'changed';
      wake();
    };
    const end = () => {
      state = 'ended';
      wake();
    };
    const stops = names.map((name) => this.listen(name, changed));
    const cancelTimer = ms === null ? () => {} : this.#clock.after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
    this.#ends.add(end);
    return {
      /** True if there is reason to look again. */
      async forChange(): Promise<boolean> {
        if (state === 'waiting') await new Promise<void>((resolve) => (wake = resolve));
        if (state === 'ended') return false;
        state = 'waiting';
        return true;
      },
      end: () => {
        for (const stop of stops) stop();
        cancelTimer();
        signal?.removeEventListener('abort', end);
        this.#ends.delete(end);
      },
    };
  }

  #call(name: string, change: Change | null): void {
    const set = this.#listeners.get(name);
    if (set) for (const listener of [...set]) listener(change);
  }
}

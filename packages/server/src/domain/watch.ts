import type { Change } from './ports.ts';

/** Hears of a change; of null where changes may have been missed. */
type Listener = (change: Change | null) => void;

/** How long one waits, and who ends it before. */
export interface Patience {
  /** Milliseconds; null: as long as it takes. */
  ms: number | null;
  signal?: AbortSignal | undefined;
}

/**
 * Wakes those who wait for a record to change, by whatever node changed it. It is told of every change as the hub of this
 * node releases it.
 */
export class Watch {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #ends = new Set<() => void>();
  #isClosed = false;
  /** The rev of the newest change it was told of. */
  lastRev = 0;

  deliver({ change }: { change: Change }): void {
    this.lastRev = change.rev;
    this.#tell(change.id, change);
    this.#tell(change.kind, change);
  }

  /** The history took another turn: what was waited for may have happened unheard. */
  historyChanged(): void {
    this.lastRev = 0;
    for (const name of [...this.#listeners.keys()]) this.#tell(name, null);
  }

  /**
   * Hears changes of a record, by its id, or of all of a kind. @returns what ends that
   */
  listen(name: string, listener: Listener): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => {
      if (set.delete(listener) && set.size === 0) this.#listeners.delete(name);
    };
  }

  /** Looks, and looks again whenever one of these has changed, until there is something to be seen; null where patience ends. */
  async until<T>(names: readonly string[], patience: Patience, look: () => Promise<T | null>): Promise<T | null> {
    const wait = this.#wait(names, patience);
    try {
      for (;;) {
        const found = await look();
        if (found !== null || !(await wait.forNews())) return found;
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

  #wait(names: readonly string[], { ms, signal }: Patience) {
    let state: 'quiet' | 'news' | 'over' = signal?.aborted || this.#isClosed ? 'over' : 'quiet';
    let wake = () => {};
    const heard = () => {
      if (state === 'quiet') state = 'news';
      wake();
    };
    const end = () => {
      state = 'over';
      wake();
    };
    const stops = names.map((name) => this.listen(name, heard));
    const timer = ms === null ? undefined : setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
    this.#ends.add(end);
    return {
      /** Whether there is reason to look again. */
      async forNews(): Promise<boolean> {
        if (state === 'quiet') await new Promise<void>((resolve) => (wake = resolve));
        if (state === 'over') return false;
        state = 'quiet';
        return true;
      },
      end: () => {
        for (const stop of stops) stop();
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#ends.delete(end);
      },
    };
  }

  #tell(name: string, change: Change | null): void {
    const set = this.#listeners.get(name);
    if (set) for (const listener of [...set]) listener(change);
  }
}

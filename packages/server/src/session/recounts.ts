import type { Identity } from '../domain/identity.ts';
import { countFields } from '../domain/inbox/receipts.ts';
import type { Store } from '../domain/ports.ts';
import type { CatchUps } from './catch-ups.ts';

/** Who is told a count. */
export interface Counted {
  readonly identity: Identity;
  readonly isOpen: boolean;
  send(frame: object): void;
}

/** How long counts wait for more of what changes them, ms. */
const patience = 20;

/**
 * Tells unread counts anew where a frame does not tell how they have changed: a notification was retracted, has expired, or asks
 * again. One read for all sessions of a user, however many such frames came, and a bounded number of reads at a time.
 */
export class Recounts {
  readonly #store: Pick<Store, 'counts'>;
  readonly #turns: CatchUps;
  readonly #failed: (error: Error) => void;
  #waiting = new Map<string, Set<Counted>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Pick<Store, 'counts'>, turns: CatchUps, failed: (error: Error) => void) {
    this.#store = store;
    this.#turns = turns;
    this.#failed = failed;
  }

  ask(session: Counted): void {
    const { id } = session.identity;
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.add(session);
    else this.#waiting.set(id, new Set([session]));
    this.#timer ??= setTimeout(() => this.#readAll(), patience).unref();
  }

  #readAll(): void {
    this.#timer = undefined;
    const due = this.#waiting;
    this.#waiting = new Map();
    for (const [userId, sessions] of due) {
      const isHeard = () => [...sessions].some(({ isOpen }) => isOpen);
      // Nobody misses a count for those who are gone, nor one that fails as the server closes.
      if (isHeard()) this.#read(userId, sessions).catch((error) => isHeard() && this.#failed(error));
    }
  }

  async #read(userId: string, sessions: Iterable<Counted>): Promise<void> {
    const { asOf, ...counts } = await this.#turns.run(() => this.#store.counts(userId));
    const frame = { type: 'unread_count', ...countFields(counts, asOf) };
    for (const session of sessions) session.send(frame);
  }
}

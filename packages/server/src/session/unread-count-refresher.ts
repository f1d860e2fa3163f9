import type { Identity } from '../domain/identity.ts';
import { countFields } from '../domain/inbox/receipts.ts';
import type { Clock } from '../domain/ports.ts';
import type { CountStore } from '../domain/store/inbox.ts';
import type { Turns } from '../domain/turns.ts';

/** A session that shows a count. */
export interface CountedSession {
  readonly identity: Identity;
  readonly isOpen: boolean;
  send(frame: object): void;
}

export interface UnreadCountParts {
  store: CountStore;
  reads: Turns;
  clock: Pick<Clock, 'after'>;
  failed: (error: Error) => void;
}

/** Time for which a count waits for more changes, ms. */
const delay = 20;

/**
 * Sends unread counts anew after frames that do not say how the counts have changed: a notification was retracted, has expired, or asks
 * again. One read for all sessions of a user, however many such frames came, and a bounded number of reads at a time.
 */
export class UnreadCountRefresher {
  readonly #parts: UnreadCountParts;
  #waiting = new Map<string, Set<CountedSession>>();

  constructor(parts: UnreadCountParts) {
    this.#parts = parts;
  }

  request(session: CountedSession): void {
    const { id } = session.identity;
    if (this.#waiting.size === 0) this.#parts.clock.after(delay, () => this.#readAll());
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.add(session);
    else this.#waiting.set(id, new Set([session]));
  }

  #readAll(): void {
    const due = this.#waiting;
    this.#waiting = new Map();
    for (const [userId, sessions] of due) {
      const isHeard = () => [...sessions].some(({ isOpen }) => isOpen);
      // A count is not needed for users who are gone, nor while the server closes.
      if (isHeard()) this.#read(userId, sessions).catch((error) => isHeard() && this.#parts.failed(error));
    }
  }

  async #read(userId: string, sessions: Iterable<CountedSession>): Promise<void> {
    const { reads, store } = this.#parts;
    const { asOf, ...counts } = await reads.run(userId, () => store.counts(userId));
    const frame = { type: 'unread_count', ...countFields(counts, asOf) };
    for (const session of sessions) session.send(frame);
  }
}

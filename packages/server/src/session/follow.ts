import { CloseCode } from '@tidings/protocol';
import type { PersonalChange, Store } from '../domain/ports.ts';
import { snapshotMark } from '../fanout/frame.ts';
import type { Session } from './session.ts';

/** A topic somebody wants to follow: what answers them, before and after what there is. */
export interface Wish {
  topic: string;
  answer: () => void;
  done: () => void;
}

/**
 * Adds topics to a live session: each is answered, then comes what there is, marked as a snapshot, then what is new.
 * Wishes that come in while one read is under way share the next.
 */
export class Following {
  readonly #session: Session;
  readonly #store: Pick<Store, 'current'>;
  readonly #records: number;
  #wishes: Wish[] = [];
  #running = false;

  constructor(session: Session, store: Pick<Store, 'current'>, records: number) {
    this.#session = session;
    this.#store = store;
    this.#records = records;
  }

  get count(): number {
    return this.#session.topics.length + this.#wishes.length;
  }

  async add(wish: Wish): Promise<void> {
    this.#wishes.push(wish);
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#wishes.length > 0 && this.#session.isOpen) await this.#grant(this.#wishes.splice(0));
    } finally {
      this.#running = false;
    }
  }

  async #grant(wishes: readonly Wish[]): Promise<void> {
    const session = this.#session;
    const topics = [...new Set(wishes.map((wish) => wish.topic))].filter((topic) => !session.topics.includes(topic));
    session.holdFor(topics);
    const all = [...new Set(wishes.map((wish) => wish.topic))];
    const { head, changes } = await this.#store.current(all, this.#records);
    if (!session.isOpen) return;
    for (const wish of wishes) {
      wish.answer();
      session.sendStored(changes.filter((change) => change.topics.includes(wish.topic)).map(personal), [snapshotMark]);
      wish.done();
    }
    if (session.release(head)) return;
    session.close(CloseCode.tooSlow, 'too much came while a topic was read; reconnect with the cursor to resume');
  }
}

const personal = (change: Omit<PersonalChange, 'receipt'>): PersonalChange => ({ ...change, receipt: null });

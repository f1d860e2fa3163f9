import { CloseCode } from '@tidings/protocol';
import type { Change, Store } from '../domain/ports.ts';
import { snapshotMark } from '../fanout/frame.ts';
import type { Hub } from '../fanout/hub.ts';
import type { Session } from './session.ts';

/** A topic somebody wants to follow: what answers them, before and after what there is, or where it cannot be read. */
export interface Wish {
  topic: string;
  answer: () => void;
  done: () => void;
  failed: (error: unknown) => void;
}

/** What is asked for, in the order asked. */
type Step = { kind: 'follow'; wish: Wish } | { kind: 'unfollow'; topic: string; done: () => void };

/**
 * Changes what a live session follows, step by step. A topic that is added is answered, then comes what there is, marked as
 * a snapshot, then what is new. Wishes that come in while one read is under way share the next.
 */
export class Following {
  readonly #session: Session;
  readonly #hub: Pick<Hub, 'reached'>;
  readonly #store: Pick<Store, 'current'>;
  readonly #records: number;
  #steps: Step[] = [];
  #granting = 0;
  #running = false;

  constructor(session: Session, hub: Pick<Hub, 'reached'>, store: Pick<Store, 'current'>, records: number) {
    this.#session = session;
    this.#hub = hub;
    this.#store = store;
    this.#records = records;
  }

  /** How many topics are followed, and asked for. */
  get count(): number {
    return this.#session.topics.length + this.#granting + this.#steps.length;
  }

  add(wish: Wish): void {
    this.#steps.push({ kind: 'follow', wish });
    void this.#run();
  }

  remove(topic: string, done: () => void): void {
    this.#steps.push({ kind: 'unfollow', topic, done });
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#steps.length > 0 && this.#session.isOpen) {
      const wishes = this.#takeWishes();
      if (wishes.length > 0) await this.#grant(wishes);
      else this.#unfollow();
    }
    this.#running = false;
  }

  #takeWishes(): Wish[] {
    const end = this.#steps.findIndex((step) => step.kind === 'unfollow');
    const taken = this.#steps.splice(0, end === -1 ? this.#steps.length : end);
    return taken.flatMap((step) => (step.kind === 'follow' ? [step.wish] : []));
  }

  #unfollow(): void {
    const step = this.#steps.shift();
    if (step?.kind !== 'unfollow') return;
    this.#session.unfollow(step.topic);
    step.done();
  }

  async #grant(wishes: readonly Wish[]): Promise<void> {
    const session = this.#session;
    const all = [...new Set(wishes.map((wish) => wish.topic))];
    session.holdFor(all.filter((topic) => !session.topics.includes(topic)));
    this.#granting = wishes.length;
    try {
      const { head, changes } = await this.#store.current(all, this.#records);
      // Where the hub is behind the store it would release an older version after this newer one.
      await this.#hub.reached(head);
      if (session.isOpen) this.#goLive(wishes, head, changes);
    } catch (error) {
      if (!session.isOpen) return;
      this.#giveUp();
      for (const wish of wishes) wish.failed(error);
    } finally {
      this.#granting = 0;
    }
  }

  #goLive(wishes: readonly Wish[], head: number, changes: readonly Change[]): void {
    const session = this.#session;
    if (session.isHoldLost) {
      this.#closeForHold();
      return;
    }
    for (const wish of wishes) {
      wish.answer();
      const found = changes.filter((change) => change.topics.includes(wish.topic));
      session.sendStored(
        found.map((change) => ({ ...change, receipt: null })),
        [snapshotMark],
      );
      wish.done();
    }
    session.release(head, changes);
  }

  /** What could not be read is not followed; what was heard before goes on. */
  #giveUp(): void {
    if (!this.#session.abandonJoining()) this.#closeForHold();
  }

  #closeForHold(): void {
    const reason = 'too much came while a topic was read; reconnect with the cursor to resume';
    this.#session.close(CloseCode.tooSlow, reason);
  }
}

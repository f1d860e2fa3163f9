import { CloseCode } from '@tidings/protocol';
import type { Change, PersonalChange, Store } from '../domain/ports.ts';
import type { Hub } from '../fanout/hub.ts';
import { snapshotMark } from '../fanout/record-text.ts';
import type { ResumeOptions } from './resume.ts';
import type { Joiner, Session } from './session.ts';

/** A topic somebody wants to follow: what answers them, before and after what there is, or where it cannot be read. */
export interface Wish {
  topic: string;
  answer: () => void;
  done: () => void;
  failed: (error: unknown) => void;
}

/** What is asked for, in the order asked. */
type Step =
  | { kind: 'follow'; wish: Wish }
  | { kind: 'unfollow'; topic: string; done: () => void }
  | { kind: 'join'; change: Change; topic: string; upTo: number };

/** What is read from, and what tells when the hub has caught up with it. */
interface Sources {
  store: Pick<Store, 'current'>;
  hub: Pick<Hub, 'reached'>;
}

/**
 * Changes what a live session follows, step by step. A topic that is added is answered, then comes what there is, marked as
 * a snapshot, then what is new. Wishes that come in while one read is under way share the next.
 */
export class Following implements Joiner {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #options: Pick<ResumeOptions, 'recent' | 'turns'>;
  #steps: Step[] = [];
  #granting = 0;
  #running = false;

  constructor(session: Session, sources: Sources, options: Pick<ResumeOptions, 'recent' | 'turns'>) {
    this.#session = session;
    this.#sources = sources;
    this.#options = options;
    session.joiner = this;
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

  /** A shared topic has become the user's: its turn is the next, since the session holds what comes until then. */
  join(change: Change, topic: string, upTo: number): void {
    this.#steps.unshift({ kind: 'join', change, topic, upTo });
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let step = this.#steps[0]; step && this.#session.isOpen; step = this.#steps[0]) {
      if (step.kind === 'follow') await this.#grant(this.#takeWishes());
      else {
        this.#steps.shift();
        if (step.kind === 'join') await this.#join(step);
        else this.#unfollow(step.topic, step.done);
      }
    }
    this.#running = false;
  }

  #takeWishes(): Wish[] {
    const end = this.#steps.findIndex((step) => step.kind !== 'follow');
    const taken = this.#steps.splice(0, end === -1 ? this.#steps.length : end);
    return taken.flatMap((step) => (step.kind === 'follow' ? [step.wish] : []));
  }

  #unfollow(topic: string, done: () => void): void {
    this.#session.unfollow(topic);
    done();
  }

  /**
   * Sends that a topic has become the user's, and its newest records, before anything that came after; all of it marked as a snapshot, so
   * that no cursor vouches for it that a client has got before all of it.
   */
  async #join({ change, topic, upTo }: Extract<Step, { kind: 'join' }>): Promise<void> {
    const session = this.#session;
    const { recent, turns } = this.#options;
    try {
      const { head, changes, since } = await turns.run(() =>
        this.#sources.store.current([topic], recent, session.identity.id),
      );
      session.noteSince(since);
      await this.#sources.hub.reached(head);
      if (!session.isOpen) return;
      if (session.isHoldLost) return this.#closeForHold();
      // What asked for attention later was heard, and comes live.
      const newest = changes.filter(({ alertRev }) => alertRev <= upTo);
      session.sendStored([{ ...change, receipt: null }, ...newest], [snapshotMark]);
      session.release(change.rev, newest);
      if (upTo > change.rev) session.recount();
    } catch {
      session.close(CloseCode.overloaded, 'the server cannot read its database now; try again later');
    }
  }

  async #grant(wishes: readonly Wish[]): Promise<void> {
    const session = this.#session;
    const all = [...new Set(wishes.map((wish) => wish.topic))];
    session.holdFor(all.filter((topic) => !session.topics.includes(topic)));
    this.#granting = wishes.length;
    try {
      const { head, changes } = await this.#sources.store.current(all, this.#options.recent, session.identity.id);
      // Where the hub is behind the store it would release an older version after this newer one.
      await this.#sources.hub.reached(head);
      if (session.isOpen) this.#goLive(wishes, head, changes);
    } catch (error) {
      if (!session.isOpen) return;
      this.#giveUp();
      for (const wish of wishes) wish.failed(error);
    } finally {
      this.#granting = 0;
    }
  }

  #goLive(wishes: readonly Wish[], head: number, changes: readonly PersonalChange[]): void {
    const session = this.#session;
    if (session.isHoldLost) {
      this.#closeForHold();
      return;
    }
    for (const wish of wishes) {
      wish.answer();
      const found = changes.filter((change) => change.topics.includes(wish.topic));
      session.sendStored(found, [snapshotMark]);
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

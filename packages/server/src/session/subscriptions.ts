import { CloseCode } from '@tidings/protocol';
import { notFound } from '../commands/refuse.ts';
import { isRoomTopic, roomOfTopic } from '../domain/rooms.ts';
import type { TopicStore } from '../domain/store/catch-up.ts';
import type { Change } from '../domain/writes.ts';
import type { Hub } from '../fanout/hub.ts';
import { snapshotMark } from '../fanout/record-text.ts';
import type { Joiner } from './live-feed.ts';
import type { RecoveryOptions } from './recovery.ts';
import type { Session } from './session.ts';

/** A topic to subscribe to: `answer` is called before what there is of it is sent, `done` behind, `failed` if it cannot be read. */
export interface SubscribeRequest {
  topic: string;
  /** False if the session is neither shown in the room nor sent who is there. */
  isPresent: boolean;
  answer: () => void;
  done: () => void;
  failed: (error: unknown) => void;
}

/** A change of what the session subscribes to; they are made in the order they are asked for. */
type Step =
  | { kind: 'subscribe'; request: SubscribeRequest }
  | { kind: 'unsubscribe'; topic: string; done: () => void }
  | { kind: 'call'; run: () => void }
  | { kind: 'join'; change: Change; topic: string; upTo: number };

/** The store that is read, and the hub, which says when it has caught up with it. */
interface Sources {
  store: TopicStore;
  hub: Pick<Hub, 'reached'>;
}

/**
 * Changes what a live session subscribes to, step by step. A topic that is added is answered, then comes what there is, marked as
 * a snapshot, then what is new.
 */
export class Subscriptions implements Joiner {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #options: Pick<RecoveryOptions, 'recent' | 'liveReads'>;
  #steps: Step[] = [];
  /** A request is being read. */
  #isSubscribing = false;
  #running = false;

  constructor(session: Session, sources: Sources, options: Pick<RecoveryOptions, 'recent' | 'liveReads'>) {
    this.#session = session;
    this.#sources = sources;
    this.#options = options;
    session.feed.setJoiner(this);
  }

  /** The number of topics that are subscribed to, and requested. */
  get count(): number {
    const steps = this.#steps.filter(({ kind }) => kind !== 'call');
    return this.#session.feed.topics.length + Number(this.#isSubscribing) + steps.length;
  }

  add(request: SubscribeRequest): void {
    this.#steps.push({ kind: 'subscribe', request });
    void this.#run();
  }

  remove(topic: string, done: () => void): void {
    this.#steps.push({ kind: 'unsubscribe', topic, done });
    void this.#run();
  }

  /** Runs a function after all that was asked for before it. */
  callInTurn(run: () => void): void {
    this.#steps.push({ kind: 'call', run });
    void this.#run();
  }

  /** A shared topic has become the user's: its turn is the next, since the session buffers what comes until then. */
  join(change: Change, topic: string, upTo: number): void {
    this.#steps.unshift({ kind: 'join', change, topic, upTo });
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let step = this.#steps.shift(); step && this.#session.isOpen; step = this.#steps.shift()) {
      if (step.kind === 'subscribe') await this.#subscribe(step.request);
      else if (step.kind === 'join') await this.#join(step);
      else if (step.kind === 'unsubscribe') this.#unsubscribe(step.topic, step.done);
      else {
        step.run();
        continue;
      }
      // A slow reader has the records of one topic in memory.
      await this.#session.output.drained();
    }
    this.#running = false;
  }

  #unsubscribe(topic: string, done: () => void): void {
    this.#session.rooms.leave(topic);
    this.#session.logs.leave(topic);
    this.#session.feed.unsubscribe(topic);
    done();
  }

  /**
   * Sends that a topic has become the user's, and its newest records, before anything that came after; all of it marked as a snapshot, so
   * that no cursor covers it which a client got before all of it.
   */
  async #join({ change, topic, upTo }: Extract<Step, { kind: 'join' }>): Promise<void> {
    const session = this.#session;
    const { recent, liveReads } = this.#options;
    try {
      const { head, changes, membershipStarts } = await liveReads.run(session.identity.id, () =>
        this.#sources.store.topicSnapshot([topic], recent, session.identity.id),
      );
      session.viewer.setMembershipStarts(membershipStarts);
      await this.#sources.hub.reached(head);
      if (!session.isOpen) return;
      if (session.feed.hasOverflown) return this.#closeForOverflow();
      // Records that asked for attention later were delivered, and come live.
      const newest = changes.filter(({ alertRev }) => alertRev <= upTo);
      session.sendStored([{ ...change, receipt: null }, ...newest], [snapshotMark]);
      session.feed.finishJoining(change.rev, newest);
      if (upTo > change.rev) session.refreshUnreadCount();
    } catch {
      session.close(CloseCode.overloaded, 'the server cannot read its database now; try again later');
    }
  }

  async #subscribe({ topic, isPresent, answer, done, failed }: SubscribeRequest): Promise<void> {
    const session = this.#session;
    this.#isSubscribing = true;
    let isReading = false;
    try {
      if (isRoomTopic(topic)) {
        await session.rooms.enter(topic, isPresent);
        // The right may have ended in the moment in which it was found.
        if (!session.rooms.has(topic)) throw notFound('room', roomOfTopic(topic));
      }
      if (!session.isOpen) return;
      session.feed.beginReading(session.feed.topics.includes(topic) ? [] : [topic]);
      isReading = true;
      const { store, hub } = this.#sources;
      const { recent, liveReads } = this.#options;
      const { head, changes } = await liveReads.run(session.identity.id, () =>
        store.topicSnapshot([topic], recent, session.identity.id, session.rooms.granted),
      );
      // A hub behind the store would release an older version after this newer one.
      await hub.reached(head);
      if (!session.isOpen) return;
      if (session.feed.hasOverflown) return this.#closeForOverflow();
      answer();
      // The right may have ended meanwhile: the client is told of that when it is live again.
      const isLost = isRoomTopic(topic) && !session.rooms.has(topic);
      session.sendStored(isLost ? [] : changes, [snapshotMark]);
      done();
      session.feed.finishJoining(head, changes);
    } catch (error) {
      if (!session.isOpen) return;
      // Before that, others may be about to be added.
      if (isReading) this.#giveUp();
      failed(error);
    } finally {
      this.#isSubscribing = false;
    }
  }

  /** A topic that could not be read is not subscribed to; the others go on. */
  #giveUp(): void {
    if (!this.#session.feed.abandonJoining()) this.#closeForOverflow();
  }

  #closeForOverflow(): void {
    const reason = 'too much came while a topic was read; reconnect with the cursor to resume';
    this.#session.close(CloseCode.tooSlow, reason);
  }
}

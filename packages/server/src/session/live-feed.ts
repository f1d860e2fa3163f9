import { type MembershipChange, membershipChangeOf } from '../domain/identity.ts';
import type { Position } from '../domain/store/history.ts';
import { isShared } from '../domain/topics.ts';
import type { Change } from '../domain/writes.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { LiveBuffer } from './live-buffer.ts';
import type { SessionOutput } from './session-output.ts';
import { initialState, nextState, type SessionEvent, type SessionState } from './session-state.ts';
import type { View } from './view.ts';
import type { Viewer } from './viewer.ts';

/** The session that a feed is of. */
export interface FeedSession {
  readonly view: View;
  readonly viewer: Viewer;
  readonly output: SessionOutput;
  refreshUnreadCount(): void;
  /** Something was read, and all that was buffered meanwhile is sent. */
  wentLive(): void;
  /** The history took another turn: the session must begin anew. */
  historyChanged(): void;
}

export interface FeedParts {
  hub: Pick<Hub, 'join' | 'leave' | 'position'>;
  counters: Counters;
  /** Live frames that may be buffered while something is read. */
  bufferedFrames: number;
}

/** Brings a session, which buffers what comes live, the records of a shared topic that has become its user's. */
export interface Joiner {
  /** @param upTo up to this rev nothing of the topic was delivered to the session; later frames of it are buffered */
  join(change: Change, topic: string, upTo: number): void;
}

/** The topics that a session subscribes to: what is delivered on them is shown, or buffered while something is read. */
export class LiveFeed implements Subscriber {
  readonly #session: FeedSession;
  readonly #parts: FeedParts;
  #joiner: Joiner | null = null;
  #lastRev = 0;
  #state: SessionState = initialState;
  /** The topics it subscribes to, which the client's cursor covers. */
  #topics: readonly string[] = [];

  constructor(session: FeedSession, parts: FeedParts) {
    this.#session = session;
    this.#parts = parts;
  }

  get lastRev(): number {
    return this.#lastRev;
  }

  get isOpen(): boolean {
    return this.#state.phase !== 'closed';
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** The number of live frames that wait until something was read. */
  get bufferedFrames(): number {
    return 'buffer' in this.#state ? this.#state.buffer.frames.length : 0;
  }

  /** True while live frames are buffered, however many came. */
  get isBuffering(): boolean {
    return 'buffer' in this.#state;
  }

  /** True if more came than could be buffered. */
  get hasOverflown(): boolean {
    return 'buffer' in this.#state && this.#state.buffer.hasOverflown;
  }

  /** The position up to which all was delivered; null for a session that is not live. */
  get livePosition(): Position | null {
    if (this.#state.phase !== 'live') return null;
    const { position } = this.#parts.hub;
    const { from } = this.#state;
    return position.rev < from.rev ? from : position;
  }

  deliver(frame: SharedFrame): void {
    const { change } = frame;
    const { counters } = this.#parts;
    counters.recipients++;
    this.#lastRev = change.rev;
    if (change.kind === 'membership') this.#changeRoles(membershipChangeOf(change) as MembershipChange);
    const state = this.#state;
    if (state.phase === 'live') this.#show(frame);
    else if (state.phase === 'reading' || state.phase === 'joining') {
      if (this.#session.viewer.visibilityOf(change, frame.retractedFor) === 'hidden') counters.hidden++;
      else counters.missed += state.buffer.keep(frame);
    } else counters.missed++;
  }

  historyChanged(): void {
    this.#session.historyChanged();
  }

  /** Sets who brings the records of shared topics that become the user's. */
  setJoiner(joiner: Joiner): void {
    this.#joiner = joiner;
  }

  /** Subscribes to these topics, which are going to be read; live frames are buffered until then. */
  beginReading(topics: readonly string[]): void {
    if (!this.isOpen) return;
    for (const topic of topics) this.#parts.hub.join(topic, this);
    this.#apply({ type: 'read', topics, limit: this.#parts.bufferedFrames });
  }

  /** While catching up: drops the buffer, whose frames are read from the store instead. */
  dropBuffer(): void {
    this.#giveUpBuffer();
    this.#leaveNewTopics();
    this.#apply({ type: 'drop' });
  }

  /** Gives up the topics that were to be added, and sends what was buffered of the others; false if that was too much. */
  abandonJoining(): boolean {
    if (this.hasOverflown) return false;
    this.#leaveNewTopics();
    this.#sendBuffered({ type: 'drop' }, Number.MAX_SAFE_INTEGER, []);
    return true;
  }

  /**
   * Goes live: all that was missed up to `from` was sent. Then sends what was buffered, as `finishJoining` does. Whoever
   * calls it has seen that it has not overflown.
   */
  goLive(from: Position, sent: readonly Change[]): void {
    // The hub may be behind the store: what it has yet to release up to there was sent from the store.
    this.#lastRev = Math.max(this.#lastRev, from.rev);
    this.#sendBuffered({ type: 'caught_up', from }, from.rev, sent);
  }

  /**
   * Sends what was buffered past `head`, up to which the new topics' records were sent already, and of other topics what is newer than
   * what was `sent`. Nothing if too much came to be buffered.
   */
  finishJoining(head: number, sent: readonly Change[]): void {
    if (!this.hasOverflown) this.#sendBuffered({ type: 'joined' }, head, sent);
  }

  /** Ends a subscription, that of a topic which is being read too: nothing that was buffered of it is shown. */
  unsubscribe(topic: string): void {
    this.#parts.hub.leave(topic, this);
    this.#topics = this.#topics.filter((one) => one !== topic);
    this.#apply({ type: 'forgotten', topic });
  }

  /** Nothing is delivered any more. */
  leave(): void {
    this.#giveUpBuffer();
    this.#leaveNewTopics();
    for (const topic of this.#topics) this.#parts.hub.leave(topic, this);
    this.#apply({ type: 'close' });
  }

  #apply(event: SessionEvent): void {
    this.#state = nextState(this.#state, event);
  }

  #giveUpBuffer(): void {
    if ('buffer' in this.#state) this.#parts.counters.missed += this.#state.buffer.overflow();
  }

  #leaveNewTopics(): void {
    if ('topics' in this.#state) for (const topic of this.#state.topics) this.#parts.hub.leave(topic, this);
  }

  #sendBuffered(event: SessionEvent, head: number, sent: readonly Change[]): void {
    const before = this.#topics;
    const { topics, buffer } = 'buffer' in this.#state ? this.#state : { topics: [], buffer: null };
    this.#apply(event);
    if (event.type !== 'drop') this.#topics = [...before, ...topics];
    if (buffer) this.#sendAll(buffer, before, head, sent);
    if (this.#state.phase === 'live') this.#session.wentLive();
  }

  /** Sends what was buffered, by the topics that were subscribed to before it was. */
  #sendAll(buffer: LiveBuffer, before: readonly string[], head: number, sent: readonly Change[]): void {
    const shown = sent.filter((change) => this.#session.viewer.visibilityOf(change, 'former') === 'visible');
    const revs = new Map(shown.map(({ id, rev }) => [id, rev]));
    const { counters } = this.#parts;
    for (const frame of buffer.frames) {
      const { id, rev, topics: recipients, recount } = frame.change;
      const isNew = rev > head || recipients.some((topic) => before.includes(topic));
      if (!isNew || rev <= (revs.get(id) ?? 0)) {
        // It was sent from the store.
        counters.missed++;
        if (recount) this.#session.refreshUnreadCount();
      } else if (this.#state.phase === 'joining') counters.missed += this.#state.buffer.keep(frame);
      else if (recipients.some((topic) => this.#topics.includes(topic))) this.#show(frame);
      // The topic was lost on the way.
      else counters.hidden++;
    }
  }

  /**
   * The roles of a live session follow at once. One that is catching up reads on instead, and gets them with its next page: the
   * one that is being read may be of other topics.
   */
  #changeRoles(membership: MembershipChange): void {
    if (!isShared(membership.topic)) return;
    if (this.#state.phase === 'reading') this.#giveUpBuffer();
    else this.#session.viewer.changeRoles(membership);
  }

  #show(frame: SharedFrame): void {
    const { change } = frame;
    const { view, viewer, output } = this.#session;
    const { counters } = this.#parts;
    const membership = view.isInbox ? membershipChangeOf(change) : null;
    if (membership && isShared(membership.topic)) {
      const { topic, joined } = membership;
      if (joined) {
        counters.missed++;
        this.#join(change, topic);
        return;
      }
      this.unsubscribe(topic);
    }
    const visibility = viewer.visibilityOn(this.#topics, frame);
    if (visibility === 'visible') {
      output.sendLive(frame);
      if (change.recount) this.#session.refreshUnreadCount();
    } else if (visibility === 'retracted') output.sendRetraction(frame);
    else counters.hidden++;
  }

  /** Buffers live frames until the topic's records are sent: else a cursor would cover records that were not sent. */
  #join(change: Change, topic: string): void {
    this.beginReading([topic]);
    this.#joiner?.join(change, topic, Math.max(this.#parts.hub.position.rev, change.rev));
  }
}

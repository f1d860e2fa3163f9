import { CloseCode } from '@tidings/protocol';
import {
  type Identity,
  type MembershipChange,
  membershipChangeOf,
  predatesMembership,
  rolesAfter,
  type Visibility,
  visibilityOf,
} from '../domain/identity.ts';
import type { Page } from '../domain/store/catch-up.ts';
import type { Position } from '../domain/store/history.ts';
import type { PersonalChange } from '../domain/store/records.ts';
import type { Change } from '../domain/writes.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { Counters, Transport } from '../telemetry/counters.ts';
import { type Close, closeFor } from './close.ts';
import type { Checkpoint, Connection, ConnectionInfo } from './connection.ts';
import type { Flusher } from './flusher.ts';
import { Heartbeat } from './heartbeat.ts';
import { SessionOutput } from './session-output.ts';
import { initialState, nextState, type SessionEvent, type SessionState } from './session-state.ts';
import type { UnreadCountRefresher } from './unread-count-refresher.ts';
import type { View } from './view.ts';

/** Bounds of one session. */
export interface SessionLimits {
  /** Bytes that may wait for a slow reader before the session is closed with 4408. */
  outboxBytes: number;
  /** Live frames that may be buffered while something is read. */
  bufferedFrames: number;
  /** Topics that one session may subscribe to. */
  topics: number;
  /** Topics that the sessions of one user may subscribe to, all together. */
  topicsPerUser: number;
}

export interface SessionParts {
  hub: Hub;
  flusher: Flusher;
  counters: Counters;
  limits: SessionLimits;
  unreadCounts: Pick<UnreadCountRefresher, 'request'>;
  /** Holds the sessions of a user together to what may wait for them. */
  limitWaitingBytes(userId: string): void;
  adminRole: string;
}

/** The connection of a session, and what it shows there. */
export interface SessionPlace {
  connection: Connection;
  info: ConnectionInfo;
  view: View;
}

/** Brings a session, which buffers what comes live, the records of a shared topic that has become its user's. */
export interface Joiner {
  /** @param upTo up to this rev nothing of the topic was delivered to the session; later frames of it are buffered */
  join(change: Change, topic: string, upTo: number): void;
}

/** One person on one connection: sends the changes of its topics that are the person's to see. */
export class Session implements Subscriber {
  readonly id: string;
  readonly info: ConnectionInfo;
  readonly view: View;
  readonly limits: SessionLimits;
  readonly output: SessionOutput;
  readonly heartbeat: Heartbeat;
  readonly #parts: SessionParts;
  readonly #connection: Connection;
  /** Epoch milliseconds at which it is closed for its age. */
  readonly endsAt: number;
  #identity: Identity;
  #joiner: Joiner | null = null;
  #lastRev = 0;
  #state: SessionState = initialState;
  /** The topics it subscribes to, which the client's cursor covers. */
  #topics: readonly string[] = [];
  /** The rev of the cursor that the client came with, until that was taken note of; 0 for none. */
  #confirmed = 0;
  /** By shared topic, the rev at which the user's membership starts. */
  #membershipStarts: ReadonlyMap<string, number> = new Map();

  constructor(id: string, identity: Identity, { connection, info, view }: SessionPlace, parts: SessionParts) {
    this.id = id;
    this.#identity = identity;
    this.info = info;
    this.view = view;
    this.#connection = connection;
    this.#parts = parts;
    this.limits = parts.limits;
    // Half as long again at most, so that streams of one moment do not end at one moment.
    this.endsAt = info.at + (connection.traits.maxAgeMs ?? Number.POSITIVE_INFINITY) * (1 + Math.random() / 2);
    this.heartbeat = new Heartbeat(info.at);
    this.output = new SessionOutput(connection, identity.id, {
      ...{ flusher: parts.flusher, counters: parts.counters, maxFrame: info.maxFrame },
      outboxBytes: parts.limits.outboxBytes,
      fellBehind: (how) => (how === 'overflow' ? this.closeSlow('outboxBytes') : parts.limitWaitingBytes(identity.id)),
    });
  }

  get identity(): Identity {
    return this.#identity;
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

  deliver(frame: SharedFrame): void {
    const { change } = frame;
    const { counters } = this.#parts;
    counters.recipients++;
    this.#lastRev = change.rev;
    if (change.kind === 'membership') this.#changeRoles(membershipChangeOf(change) as MembershipChange);
    const state = this.#state;
    if (state.phase === 'live') this.#show(frame);
    else if (state.phase === 'reading' || state.phase === 'joining') {
      if (this.#visibilityOf(change, frame.retractedFor) === 'hidden') counters.hidden++;
      else counters.missed += state.buffer.keep(frame);
    } else counters.missed++;
  }

  /** The number of live frames that wait to be written, or until something was read. */
  get liveFrames(): number {
    return this.output.liveFrames + ('buffer' in this.#state ? this.#state.buffer.frames.length : 0);
  }

  historyChanged(): void {
    this.end(closeFor(CloseCode.restarting, 0, 'the history changed'));
  }

  /** Sets who brings the records of shared topics that become the user's. */
  setJoiner(joiner: Joiner): void {
    this.#joiner = joiner;
  }

  /** Takes the identity of a newer token. Roles stay: they change in the order of revs, on all of the user's sessions alike. */
  renew(identity: Identity): void {
    this.#identity = { ...identity, roles: this.#identity.roles };
  }

  setRoles(roles: readonly string[]): void {
    this.#identity = { ...this.#identity, roles };
  }

  /** Sets the revs at which the user's memberships start, as of a read. */
  setMembershipStarts(starts: ReadonlyMap<string, number>): void {
    this.#membershipStarts = starts;
  }

  /** True if more came than could be buffered. */
  get hasOverflown(): boolean {
    return 'buffer' in this.#state && this.#state.buffer.hasOverflown;
  }

  /** Subscribes to these topics, which are going to be read; live frames are buffered until then. */
  beginReading(topics: readonly string[]): void {
    if (!this.isOpen) return;
    for (const topic of topics) this.#parts.hub.join(topic, this);
    this.#apply({ type: 'read', topics, limit: this.limits.bufferedFrames });
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

  unsubscribe(topic: string): void {
    this.#parts.hub.leave(topic, this);
    this.#topics = this.#topics.filter((one) => one !== topic);
  }

  send(frame: object, at: Position | null = null): void {
    this.output.send(frame, at);
  }

  /** Sends records that were read from the store, marked as such, as far as they are the user's to see. */
  sendStored(changes: readonly PersonalChange[], marks: readonly string[]): void {
    for (const change of changes) this.output.sendStored(change, this.#visibilityOf(change, 'former'), marks);
  }

  /** Sends a page: its changes and its plain records, in the order of their revs. */
  sendPage({ changes, plain }: Pick<Page, 'changes' | 'plain'>, marks: readonly string[]): void {
    let sent = 0;
    for (const change of changes) {
      const later = plain.findIndex(({ rev }, i) => i >= sent && rev > change.rev);
      const end = later === -1 ? plain.length : later;
      this.output.sendPlain(plain.slice(sent, end), marks);
      this.sendStored([change], marks);
      sent = end;
    }
    this.output.sendPlain(plain.slice(sent), marks);
  }

  /** Requests a new unread count, for a session that shows one. */
  refreshUnreadCount(): void {
    if (this.view.isInbox) this.#parts.unreadCounts.request(this);
  }

  /** The client came back with a cursor of this rev: everything up to it has arrived. */
  confirm(rev: number): void {
    this.#confirmed = rev;
  }

  /** The rev up to which personal records were delivered, as far as was learned since the last call; 0 if nothing was. */
  takeDelivered(): number {
    if (this.#connection.traits.deliveredBy === 'write') {
      return 'buffer' in this.#state ? 0 : this.output.takeWritten();
    }
    const confirmed = this.#confirmed;
    this.#confirmed = 0;
    return confirmed;
  }

  /** A ping: the server learns that the client is there, and the client that the server is, and its cursor. */
  ping(now: number): void {
    this.heartbeat.pinged(now);
    if (this.#state.phase === 'live') {
      const { position } = this.#parts.hub;
      const { from } = this.#state;
      this.output.sendCursor(position.rev < from.rev ? from : position);
    }
    this.output.probed();
    this.#connection.probe();
  }

  get transport(): Transport {
    return this.#connection.traits.transport;
  }

  /** Time between two pings, ms; null for the server's own. */
  get pingInterval(): number | null {
    return this.#connection.traits.pingIntervalMs;
  }

  /** True if a client that is there answers a ping. */
  get answersProbes(): boolean {
    return this.#connection.traits.answersProbes;
  }

  /** Asks the client for a sign of life; `answered` is given the round trip, ms. */
  probe(answered: (roundTrip: number) => void): void {
    this.output.probed();
    this.#connection.probe(answered);
  }

  /** All that was sent is written, and the client may go on from the last cursor. @param hasNews true for news beside records */
  checkpoint({ isLive, hasNews }: Checkpoint): void {
    this.#connection.checkpoint?.({ isLive, hasNews: hasNews || this.output.hasSentRecords });
  }

  /** Ends the session with a close code, after what was queued. */
  close(code: number, reason: string): void {
    this.end({ code, reason });
  }

  /** The same, for a close that may tell when to come again. */
  end({ code, reason, retryAfterMs }: Close): void {
    if (!this.isOpen) return;
    this.leave();
    this.#connection.close(code, reason, retryAfterMs);
  }

  /** Ends the session of a client that does not keep up. @param limit the one that it exceeds */
  closeSlow(limit: 'outboxBytes' | 'outboxBytesPerUser'): void {
    if (!this.isOpen) return;
    this.#parts.counters.refused[limit]++;
    this.close(CloseCode.tooSlow, 'too much waits to be read; reconnect with the cursor to resume');
  }

  /** Gives up a peer that shows no sign of life: there is nobody to say goodbye to. */
  abandon(): void {
    this.leave();
    this.#connection.destroy();
  }

  /** Sends nothing any more but what was queued, and nothing is delivered to it. */
  leave(): void {
    if (!this.isOpen) return;
    // Buffered frames were not written, whatever was sent ahead of them.
    if ('buffer' in this.#state) this.output.forgetWritten();
    this.#giveUpBuffer();
    this.#leaveNewTopics();
    for (const topic of this.#topics) this.#parts.hub.leave(topic, this);
    this.#apply({ type: 'close' });
    this.output.shut();
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
    if (!buffer || buffer.frames.length === 0) return;
    const shown = sent.filter((change) => this.#visibilityOf(change, 'former') === 'visible');
    const revs = new Map(shown.map(({ id, rev }) => [id, rev]));
    const { counters } = this.#parts;
    for (const frame of buffer.frames) {
      const { id, rev, topics: recipients, recount } = frame.change;
      const isNew = rev > head || recipients.some((topic) => before.includes(topic));
      if (!isNew || rev <= (revs.get(id) ?? 0)) {
        // It was sent from the store.
        counters.missed++;
        if (recount) this.refreshUnreadCount();
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
    if (this.#state.phase === 'reading') this.#giveUpBuffer();
    else this.setRoles(rolesAfter(this.#identity.roles, membership));
  }

  #show(frame: SharedFrame): void {
    const { change } = frame;
    if (change.kind === 'membership' && this.view.isInbox) {
      const { topic, joined } = membershipChangeOf(change) as MembershipChange;
      if (joined) {
        this.#parts.counters.missed++;
        this.#join(change, topic);
        return;
      }
      this.unsubscribe(topic);
    }
    const visibility = predatesMembership(change, this.#topics, this.#membershipStarts)
      ? 'hidden'
      : this.#visibilityOf(change, frame.retractedFor);
    if (visibility === 'visible') {
      this.output.sendLive(frame);
      if (change.recount) this.refreshUnreadCount();
    } else if (visibility === 'retracted') this.output.sendRetraction(frame);
    else this.#parts.counters.hidden++;
  }

  /** Buffers live frames until the topic's records are sent: else a cursor would cover records that were not sent. */
  #join(change: Change, topic: string): void {
    this.beginReading([topic]);
    this.#joiner?.join(change, topic, Math.max(this.#parts.hub.position.rev, change.rev));
  }

  #visibilityOf({ viewers }: Change, retractedFor: SharedFrame['retractedFor']): Visibility {
    return visibilityOf(viewers, this.#identity, this.#parts.adminRole, retractedFor);
  }
}

import { CloseCode, TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import type { Page } from '../domain/store/catch-up.ts';
import type { Position } from '../domain/store/history.ts';
import type { PersonalChange } from '../domain/store/records.ts';
import type { Frame } from '../fanout/frame.ts';
import type { Transport } from '../telemetry/counters.ts';
import { type Close, closeWithRetry } from './close.ts';
import type { Checkpoint, Connection, ConnectionInfo } from './connection.ts';
import type { Flusher } from './flusher.ts';
import { Heartbeat } from './heartbeat.ts';
import { type FeedParts, type FeedSession, LiveFeed } from './live-feed.ts';
import type { Departure } from './room-seat.ts';
import { type LogSession, SessionLogs, type TaskLogFeeds } from './session-logs.ts';
import { SessionOutput } from './session-output.ts';
import { type RoomLinks, type RoomSession, SessionRooms } from './session-rooms.ts';
import type { Unacknowledged } from './unacknowledged.ts';
import type { UnreadCountRefresher } from './unread-count-refresher.ts';
import type { View } from './view.ts';
import { Viewer } from './viewer.ts';

/** Bounds of one session. */
export interface SessionLimits {
  /** Bytes that may wait for a slow reader before the session is closed with 4408. */
  outboxBytes: number;
  /** Topics that one session may subscribe to. */
  topics: number;
  /** Topics that the sessions of one user may subscribe to, all together. */
  topicsPerUser: number;
}

export interface SessionParts extends FeedParts {
  flusher: Flusher;
  rooms: RoomLinks;
  taskLogs: TaskLogFeeds;
  limits: SessionLimits;
  unreadCounts: Pick<UnreadCountRefresher, 'request'>;
  unacknowledged: Unacknowledged;
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

/** One person on one connection: sends the changes of its topics that are the person's to see. */
export class Session implements FeedSession, RoomSession, LogSession {
  readonly id: string;
  readonly info: ConnectionInfo;
  readonly view: View;
  readonly limits: SessionLimits;
  readonly viewer: Viewer;
  readonly output: SessionOutput;
  readonly feed: LiveFeed;
  readonly rooms: SessionRooms;
  readonly logs: SessionLogs;
  readonly heartbeat: Heartbeat;
  readonly #parts: SessionParts;
  readonly #connection: Connection;
  /** Epoch milliseconds at which it is closed for its age. */
  readonly endsAt: number;
  /** True if the client came back with a cursor that is good. */
  isResumed = false;
  /** The rev of the cursor that the client came with, until that was taken note of; 0 for none. */
  #confirmed = 0;

  constructor(id: string, identity: Identity, { connection, info, view }: SessionPlace, parts: SessionParts) {
    this.id = id;
    this.viewer = new Viewer(identity, parts.adminRole);
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
    this.feed = new LiveFeed(this, parts);
    this.rooms = new SessionRooms(this, parts.rooms);
    this.logs = new SessionLogs(this, parts.taskLogs);
  }

  get identity(): Identity {
    return this.viewer.identity;
  }

  get isOpen(): boolean {
    return this.feed.isOpen;
  }

  /** True if it has caught up, and nothing is being read for it. */
  get isLive(): boolean {
    return this.feed.livePosition !== null;
  }

  get ownRoom(): string | null {
    return this.view.room;
  }

  /** The number of live frames that wait to be written, or until something was read. */
  get liveFrames(): number {
    return this.output.liveFrames + this.feed.bufferedFrames;
  }

  /** Takes the identity of a newer token, which may grant less. @throws TidingsError if it is another user's */
  renew(identity: Identity): void {
    if (identity.id !== this.identity.id) {
      const message = "the new token is another user's; open a connection of its own for that user";
      throw new TidingsError('unauthenticated', message);
    }
    this.viewer.renew(identity);
    this.rooms.identityChanged();
  }

  historyChanged(): void {
    this.end(closeWithRetry(CloseCode.restarting, 0, 'the history changed'));
  }

  send(frame: object, at: Position | null = null): void {
    this.output.send(frame, at);
  }

  get name(): string | null {
    return this.info.sessionName;
  }

  get maxFrame(): number {
    return this.info.maxFrame;
  }

  follows(topic: string): boolean {
    return this.feed.topics.includes(topic);
  }

  sendEphemeral(topic: string, frames: readonly Frame[]): boolean {
    return this.isLive && this.follows(topic) && this.output.sendEphemeral(frames);
  }

  dropTopic(topic: string): void {
    this.feed.unsubscribe(topic);
  }

  wentLive(): void {
    this.rooms.flush();
    this.logs.flush();
  }

  /** Sends records that were read from the store, marked as such, as far as they are the user's to see. */
  sendStored(changes: readonly PersonalChange[], marks: readonly string[]): void {
    for (const change of changes) this.output.sendStored(change, this.viewer.visibilityOf(change, 'former'), marks);
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
    const { counters, unacknowledged } = this.#parts;
    counters.acknowledged += unacknowledged.take(this.identity.id, rev);
  }

  /** Its end: all that was written arrives once the client comes back with the last cursor, where nothing else tells that. */
  awaitCursor(): void {
    const { isDrained, cursorRev, unacknowledged: records } = this.output;
    if (this.#connection.traits.deliveredBy !== 'cursor' || !isDrained || records === 0) return;
    this.#parts.unacknowledged.add(this.identity.id, cursorRev, records);
  }

  /** The rev up to which personal records were delivered, as far as was learned since the last call; 0 if nothing was. */
  takeDelivered(): number {
    if (this.#connection.traits.deliveredBy === 'write') {
      return this.feed.isBuffering ? 0 : this.output.takeWritten();
    }
    const confirmed = this.#confirmed;
    this.#confirmed = 0;
    return confirmed;
  }

  /** A ping: the server learns that the client is there, and the client that the server is, and its cursor. */
  ping(now: number): void {
    this.heartbeat.pinged(now);
    const { livePosition } = this.feed;
    if (livePosition) this.output.sendCursor(livePosition);
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
    this.#connection.checkpoint?.({ isLive, hasNews: hasNews || this.output.hasSentNews });
  }

  /** Ends the session with a close code, after what was queued. */
  close(code: number, reason: string): void {
    this.end({ code, reason });
  }

  /**
   * The same, for a close that may tell when to come again.
   *
   * @param how how it leaves its rooms: `cut` if the client may come back at once
   */
  end({ code, reason, retryAfterMs }: Close, how: Departure = departureBy(code)): void {
    if (!this.isOpen) return;
    this.leave(how);
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
  leave(how: Departure = 'cut'): void {
    if (!this.isOpen) return;
    // Buffered frames were not written, whatever was sent ahead of them.
    if (this.feed.isBuffering) this.output.forgetWritten();
    this.feed.leave();
    this.rooms.leaveAll(how);
    this.logs.leaveAll();
    this.output.shut();
  }
}

/** A client that is refused does not come back. */
export const departureBy = (code: number): Departure =>
  code === CloseCode.forbidden || code === CloseCode.unauthenticated ? 'left' : 'cut';

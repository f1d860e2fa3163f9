import { CloseCode, docsUrl, type ErrorCode, formatCursor } from '@tidings/protocol';
import {
  type AudienceChange,
  audienceChangeOf,
  type Identity,
  isBefore,
  rolesAfter,
  type Sight,
  sightOf,
} from '../domain/identity.ts';
import type { Change, PersonalChange, Position } from '../domain/ports.ts';
import { userTopic } from '../domain/topics.ts';
import { type EncodedFrame, type Encoding, Frame } from '../fanout/frame.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { Connection, ConnectionInfo } from './connection.ts';
import { cursorTag } from './cursor-tag.ts';
import { fitting } from './fitting.ts';
import type { Flusher } from './flusher.ts';
import { FrameWriter } from './frame-writer.ts';
import { Hold } from './hold.ts';
import type { Recounts } from './recounts.ts';
import { storedFrame } from './stored-frame.ts';
import type { View } from './view.ts';

/** Bounds of one session. */
export interface SessionLimits {
  /** Bytes that may wait for a slow reader before the session is closed with 4408. Default 1 MiB. */
  outboxBytes: number;
  /** Live frames that may be held while a catch-up is read. Default 1,000. */
  holdFrames: number;
  /** Tasks and rooms one session may follow. Default 1,000. */
  topics: number;
}

export interface SessionParts {
  hub: Hub;
  flusher: Flusher;
  limits: SessionLimits;
  recounts: Pick<Recounts, 'ask'>;
  adminRole: string;
}

/** How a session is reached, and what it shows. */
export interface SessionPlace {
  connection: Connection;
  info: ConnectionInfo;
  view: View;
}

/** Brings a session, which holds what comes live, the records of a shared topic that has become its user's. */
export interface Joiner {
  /** @param upTo up to this rev the session did not hear the topic; what comes to it later is held */
  join(change: Change, topic: string, upTo: number): void;
}

/** One person on one connection: what it follows, what waits to be written, and nothing of what the frames mean. */
export class Session implements Subscriber {
  readonly id: string;
  readonly info: ConnectionInfo;
  readonly view: View;
  readonly limits: SessionLimits;
  readonly #parts: SessionParts;
  readonly #connection: Connection;
  readonly #writer: FrameWriter;
  readonly #encoding: Encoding;
  readonly #hold: Hold;
  readonly #personalTopic: string;
  /** Names the user in each cursor. */
  readonly #tag: string;
  identity: Identity;
  joiner: Joiner | null = null;
  heardUpTo = 0;
  /** Epoch milliseconds of the peer's last sign of life. */
  lastAlive: number;
  /** Epoch milliseconds of the last ping; the first is due at a random moment, so that a storm of arrivals is spread. */
  lastPing: number;
  /** Followed; the client's cursor vouches for these. */
  #topics: readonly string[] = [];
  /** Of shared topics, the rev up to which what asked for attention was before this user's time. */
  #since: ReadonlyMap<string, number> = new Map();
  /** Heard already, while what there is of them is being read. */
  #joining: readonly string[] = [];
  /** Up to where all that was missed was sent: from then on every frame that is written vouches for what came before. Null until then. */
  #liveFrom: Position | null = null;
  #personalUpTo = 0;
  #skipsOlder = false;
  #open = true;

  constructor(id: string, identity: Identity, { connection, info, view }: SessionPlace, parts: SessionParts) {
    this.id = id;
    this.identity = identity;
    this.#connection = connection;
    this.#encoding = connection.traits.encoding;
    this.info = info;
    this.view = view;
    this.lastAlive = info.at;
    this.lastPing = info.at - Math.round(Math.random() * 10_000);
    this.#parts = parts;
    this.limits = parts.limits;
    this.#hold = new Hold(parts.limits.holdFrames);
    this.#tag = cursorTag(identity.id);
    this.#writer = new FrameWriter(connection, parts.flusher, { limit: parts.limits.outboxBytes, tag: this.#tag });
    this.#personalTopic = userTopic(identity.id);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** The rev up to which personal records were written out since this was last asked; 0 where none were, or some still wait. */
  takeWritten(): number {
    if (this.#skipsOlder || !this.#writer.isDrained || this.#hold.isOn) return 0;
    const written = this.#personalUpTo;
    this.#personalUpTo = 0;
    return written;
  }

  /** Older records are left out at the client's wish, so that what is written says nothing of them. */
  leaveOutOlder(): void {
    this.#skipsOlder = true;
  }

  // --- what the hub tells

  hear(frame: SharedFrame): void {
    const { change } = frame;
    this.heardUpTo = change.rev;
    const audience = audienceChangeOf(change);
    if (audience) this.#hearRights(audience);
    if (!this.#hold.isOn) this.#deliver(frame);
    else if (this.#sightOf(change, frame.since) !== 'hidden') this.#hold.keep(frame);
  }

  historyChanged(): void {
    this.close(CloseCode.restarting, JSON.stringify({ retry_after_ms: 0, reason: 'the history changed' }));
  }

  // --- following

  /** Takes note of where the user's shared topics begin, as of a read. */
  noteSince(since: ReadonlyMap<string, number>): void {
    this.#since = since;
  }

  /** Whether more came than could be held. */
  get isHoldLost(): boolean {
    return this.#hold.isLost;
  }

  /** Hears these topics from now on; changes are held until `release`. */
  holdFor(topics: readonly string[]): void {
    if (!this.#open) return;
    this.#hold.begin();
    for (const topic of topics) this.#parts.hub.join(topic, this);
    this.#joining = topics;
  }

  /** Gives up a hold: what it held is read from the store instead. */
  dropHold(): void {
    for (const topic of this.#joining) this.#parts.hub.leave(topic, this);
    this.#joining = [];
    this.#hold.end();
  }

  /** Gives up the topics that were to be added, and sends what was held of the others; false where that was too much. */
  abandonJoining(): boolean {
    for (const topic of this.#joining) this.#parts.hub.leave(topic, this);
    this.#joining = [];
    return this.release(Number.MAX_SAFE_INTEGER);
  }

  /**
   * Goes live: all that was missed up to a place was sent. Then sends what was held, as `release` does. False, and nothing is sent,
   * where too much came to be held.
   */
  goLive(from: Position, sent: readonly Change[]): boolean {
    if (this.#hold.isLost) return false;
    // The hub may be behind the store: what it has yet to release up to there was sent from the store.
    this.heardUpTo = Math.max(this.heardUpTo, from.rev);
    if (this.#open) this.#liveFrom = from;
    return this.release(from.rev, sent);
  }

  /**
   * Sends what was held past `head`, up to which the new topics' records were sent already, and of other topics what is newer than
   * what was `sent`. False, and nothing is sent, where too much came to be held.
   */
  release(head: number, sent: readonly Change[] = []): boolean {
    if (this.#hold.isLost) return false;
    const held = this.#hold.end();
    const before = this.#topics;
    this.#topics = [...before, ...this.#joining];
    this.#joining = [];
    if (held.length === 0) return true;
    const shown = sent.filter((change) => this.#sightOf(change, 'former') === 'visible');
    const revs = new Map(shown.map(({ id, rev }) => [id, rev]));
    for (const frame of held) {
      const { id, rev, topics: heardBy, recount } = frame.change;
      const isNew = rev > head || heardBy.some((topic) => before.includes(topic));
      if (!isNew || rev <= (revs.get(id) ?? 0)) {
        if (recount) this.recount();
      } else if (this.#hold.isOn) this.#hold.keep(frame);
      // A topic may have been lost on the way.
      else if (heardBy.some((topic) => this.#topics.includes(topic))) this.#deliver(frame);
    }
    return true;
  }

  unfollow(topic: string): void {
    this.#parts.hub.leave(topic, this);
    this.#topics = this.#topics.filter((followed) => followed !== topic);
  }

  // --- sending

  /** Sends a frame that is this session's alone. */
  send(frame: object): void {
    const { maxFrame } = this.info;
    const whole = this.#encode(frame);
    this.#push(whole.bytes.length <= maxFrame ? whole : this.#encode(fitting({ ...frame }, maxFrame)));
  }

  sendError(code: ErrorCode, message: string, ref?: unknown): void {
    this.send({ type: 'error', ...(ref === undefined ? {} : { ref }), code, message, docs_url: docsUrl(code) });
  }

  /** Sends records that were read from the store, marked as such, with this user's receipts. */
  sendStored(changes: readonly PersonalChange[], marks: readonly string[]): void {
    const options = { marks, maxFrame: this.info.maxFrame, encoding: this.#encoding };
    for (const change of changes) {
      const frame = storedFrame(change, this.#sightOf(change, 'former'), options);
      if (frame) this.#queue(frame, change.rev, change.topics);
    }
  }

  /** Has the unread count told anew, to those who hear what it counts. */
  recount(): void {
    if (this.view.isInbox) this.#parts.recounts.ask(this);
  }

  /** How far the client has got, as it is told. */
  cursorAt(at: Position): string {
    return formatCursor({ ...at, tag: this.#tag });
  }

  /** Writes down, behind every frame up to it, how far the client has got. */
  sendCursor(at: Position): void {
    this.send({ type: 'ping', cursor: this.cursorAt(at) });
  }

  /** A ping: the server learns whether the client is there, and the client that the server is, and its cursor. */
  ping(now: number): void {
    this.lastPing = now;
    const { position } = this.#parts.hub;
    const from = this.#liveFrom;
    if (from && !this.#hold.isOn) this.sendCursor(position.rev < from.rev ? from : position);
    if (this.answersProbes) this.#connection.probe();
  }

  /** True where a client that is there answers a ping. */
  get answersProbes(): boolean {
    return this.#connection.traits.answersProbes;
  }

  /** Asks the client for a sign of life; `answered` is given the round trip, ms. */
  probe(answered: (roundTrip: number) => void): void {
    this.#connection.probe(answered);
  }

  /** Resolves when all that was sent so far is out of our hands. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** The peer keeps up again. */
  resumeWriting(): void {
    this.#writer.resume();
  }

  // --- ending

  /** Ends the session with a close code, after what was queued. */
  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.leave();
    this.#connection.close(code, reason);
  }

  /** Gives up a peer that shows no sign of life: there is nobody to say goodbye to. */
  abandon(): void {
    this.leave();
    this.#connection.destroy();
  }

  /** Hears and sends nothing any more, but for what was queued. */
  leave(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const topic of [...this.#topics, ...this.#joining]) this.#parts.hub.leave(topic, this);
    this.#writer.shut();
  }

  #sightOf(change: Change, since: SharedFrame['since']): Sight {
    return sightOf(change.audience, this.identity, this.#parts.adminRole, since);
  }

  /**
   * The roles of a live session follow at once. One that is catching up reads on instead, and gets them with its next page: the
   * one that is being read may be of other topics.
   */
  #hearRights(audience: AudienceChange): void {
    if (!this.#liveFrom) this.#hold.lose();
    else this.identity = { ...this.identity, roles: rolesAfter(this.identity.roles, audience) };
  }

  #deliver(frame: SharedFrame): void {
    const { change } = frame;
    const audience = this.view.isInbox ? audienceChangeOf(change) : null;
    if (audience?.joined) {
      // What comes from here on waits for the topic's records: else a cursor would vouch for what was not sent.
      this.holdFor([audience.topic]);
      this.joiner?.join(change, audience.topic, Math.max(this.#parts.hub.position.rev, change.rev));
      return;
    }
    if (audience) this.unfollow(audience.topic);
    if (isBefore(change, this.#topics, this.#since)) return;
    const sight = this.#sightOf(change, frame.since);
    if (sight === 'visible') {
      this.#queue(frame.within(this.info.maxFrame, this.#encoding), change.rev, change.topics);
      if (change.recount) this.recount();
    } else if (sight === 'retracted') this.#push(frame.retraction(this.#encoding));
  }

  #encode(frame: object): EncodedFrame {
    return new Frame(null, JSON.stringify(frame)).encodedBy(this.#encoding);
  }

  #queue(frame: EncodedFrame, rev: number, topics: readonly string[]): void {
    if (topics.includes(this.#personalTopic)) this.#personalUpTo = Math.max(this.#personalUpTo, rev);
    this.#push(frame);
  }

  #push(frame: EncodedFrame): void {
    if (!this.#open || this.#writer.push(frame) === 'queued') return;
    this.close(CloseCode.tooSlow, 'too much waits to be read; reconnect with the cursor to resume');
  }
}

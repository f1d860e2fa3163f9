import { docsUrl, formatCursor, type TidingsError } from '@tidings/protocol';
import type { Visibility } from '../domain/identity.ts';
import type { Position } from '../domain/store/history.ts';
import type { PersonalChange, PlainRecord } from '../domain/store/records.ts';
import { userTopic } from '../domain/topics.ts';
import { type EncodedFrame, type Encoding, Frame } from '../fanout/frame.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { Connection } from './connection.ts';
import { cursorTag } from './cursor-tag.ts';
import { fitting } from './fitting.ts';
import { FrameWriter, type FrameWriterOptions } from './frame-writer.ts';
import type { Pushed } from './outbox.ts';
import { plainFrames } from './plain-frames.ts';
import { storedFrame } from './stored-frame.ts';

/** The members of a `TidingsError` that are sent. */
type SentError = Pick<TidingsError, 'code' | 'message'> & Partial<Pick<TidingsError, 'retry_after_ms'>>;

export interface SessionOutputOptions extends FrameWriterOptions {
  /** The largest frame that the client takes, bytes. */
  maxFrame: number;
  /** Called where a frame waits since the client does not keep up, or more than may wait does. */
  fellBehind: (how: Exclude<Pushed, 'queued'>) => void;
}

/** Sends the frames of one session, in order: each as its client takes it, with cursors that name its user. */
export class SessionOutput {
  readonly #writer: FrameWriter;
  readonly #encoding: Encoding;
  readonly #options: SessionOutputOptions;
  readonly #tag: string;
  readonly #personalTopic: string;
  /** The position of the last cursor that was sent; null before the first. */
  #held: Position | null = null;
  #hasSentNews = false;
  /** The newest rev of a personal record that was sent. */
  #personalRev = 0;
  #omitsOlder = false;

  constructor(connection: Connection, userId: string, options: SessionOutputOptions) {
    this.#encoding = connection.traits.encoding;
    this.#options = options;
    this.#tag = cursorTag(userId);
    this.#personalTopic = userTopic(userId);
    this.#writer = new FrameWriter(connection, this.#tag, options);
  }

  /** The number of live frames that wait to be written. */
  get liveFrames(): number {
    return this.#writer.outbox.liveFrames;
  }

  /** The number of records that were written and have not been acknowledged. */
  get unacknowledged(): number {
    return this.#writer.unacknowledged;
  }

  /** The rev of the last cursor that was sent; 0 before the first. */
  get cursorRev(): number {
    return this.#held?.rev ?? 0;
  }

  /** Bytes of the frames that came while the client did not keep up. */
  get waitingBytes(): number {
    return this.#writer.outbox.waitingBytes;
  }

  /** The frame that is written next; null if none waits here. */
  get firstWaiting(): EncodedFrame | null {
    return this.#writer.outbox.first;
  }

  /** True if all that was sent is out of our hands. */
  get isDrained(): boolean {
    return this.#writer.isDrained;
  }

  /** True once a record was sent, or what is not stored. */
  get hasSentNews(): boolean {
    return this.#hasSentNews;
  }

  /** The rev up to which personal records were written out since the last call; 0 if none were, or some still wait. */
  takeWritten(): number {
    if (this.#omitsOlder || !this.#writer.isDrained) return 0;
    const written = this.#personalRev;
    this.#personalRev = 0;
    return written;
  }

  /** Takes nothing of what was sent for written. */
  forgetWritten(): void {
    this.#personalRev = 0;
  }

  /** Notes that older records are left out, as the client asked: frames that are written do not stand for them. */
  omitOlder(): void {
    this.#omitsOlder = true;
  }

  /** Sends a frame that is this session's alone, with a cursor if it has a position. */
  send(frame: object, at: Position | null = null): void {
    const { maxFrame } = this.#options;
    const whole = this.#encode(frame, at);
    this.#push(whole.bytes.length <= maxFrame ? whole : this.#encode(fitting({ ...frame }, maxFrame), at));
    if (at) this.#held = at;
  }

  sendError({ code, message, retry_after_ms }: SentError, ref?: unknown): void {
    this.send({ type: 'error', ref, code, message, docs_url: docsUrl(code), retry_after_ms });
  }

  /** Sends a change that is the user's to see, as it happens. */
  sendLive(frame: SharedFrame): void {
    const { rev, topics } = frame.change;
    if (topics.includes(this.#personalTopic)) this.#personalRev = Math.max(this.#personalRev, rev);
    this.#push(frame.within(this.#options.maxFrame, this.#encoding));
    this.#held = frame.at;
    this.#hasSentNews = true;
  }

  /** Takes a record back that the user could see before. */
  sendRetraction(frame: SharedFrame): void {
    this.#push(frame.retraction(this.#encoding));
    this.#held = frame.at;
    this.#hasSentNews = true;
  }

  /** Sends frames that are not stored. A client that does not keep up is not sent them. @returns false if they are not sent */
  sendEphemeral(frames: readonly Frame[]): boolean {
    if (!this.#writer.keepsUp) return false;
    this.#hasSentNews ||= frames.length > 0;
    this.#sendUnstored(frames);
    return true;
  }

  /** Sends entries of the log of a task, which are read from the store as the client takes them. */
  sendLog(frames: readonly Frame[]): void {
    this.#hasSentNews = true;
    this.#sendUnstored(frames);
  }

  /** Sends a record that was read from the store, with these marks and the user's receipt. */
  sendStored(change: PersonalChange, visibility: Visibility, marks: readonly string[]): void {
    const { maxFrame } = this.#options;
    const options = { marks, maxFrame, encoding: this.#encoding, heldCursor: this.#heldCursor() };
    const frame = storedFrame(change, visibility, options);
    if (!frame) return;
    if (change.topics.includes(this.#personalTopic)) this.#personalRev = Math.max(this.#personalRev, change.rev);
    this.#hasSentNews = true;
    this.#push(frame);
  }

  /** Sends records that were read from the store, and are plain, with these marks. */
  sendPlain(records: readonly PlainRecord[], marks: readonly string[]): void {
    if (records.length === 0) return;
    const newest = records.findLast(({ isPersonal }) => isPersonal)?.rev ?? 0;
    this.#personalRev = Math.max(this.#personalRev, newest);
    this.#hasSentNews = true;
    const options = { marks, encoding: this.#encoding, heldCursor: this.#heldCursor() };
    for (const frame of plainFrames(records, options)) this.#push(frame);
  }

  /** Sends a cursor, behind every frame up to it. */
  sendCursor(at: Position): void {
    this.send({ type: 'ping' }, at);
  }

  /** Resolves when all that was sent so far is out of our hands. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** The peer is asked for a sign of life. */
  probed(): void {
    this.#writer.probed();
  }

  /** The peer has answered. */
  answered(): void {
    this.#writer.answered();
  }

  /** The peer keeps up again. */
  resume(): void {
    this.#writer.resume();
  }

  /** Writes what waits, and nothing from then on. */
  shut(): void {
    this.#writer.shut();
  }

  #heldCursor(): string | null {
    return this.#encoding.repeatsCursor && this.#held ? formatCursor({ ...this.#held, tag: this.#tag }) : null;
  }

  #sendUnstored(frames: readonly Frame[]): void {
    const heldCursor = this.#heldCursor();
    for (const frame of frames) {
      const own = heldCursor === null ? frame : new Frame(frame.text, { origin: 'session', heldCursor });
      this.#push(own.encodedBy(this.#encoding));
    }
  }

  #encode(frame: object, at: Position | null): EncodedFrame {
    const options = { origin: 'session', at, heldCursor: this.#heldCursor() } as const;
    return new Frame(JSON.stringify(frame), options).encodedBy(this.#encoding);
  }

  #push(frame: EncodedFrame): void {
    const pushed = this.#writer.push(frame);
    if (pushed !== 'queued') this.#options.fellBehind(pushed);
  }
}

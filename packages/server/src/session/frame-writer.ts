import type { EncodedFrame } from '../fanout/frame.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Connection } from './connection.ts';
import type { Flushable, Flusher } from './flusher.ts';
import { liveFramesIn, Outbox, type Pushed } from './outbox.ts';
import { WriteTemplate } from './write-template.ts';

/** Bytes that are handed to a connection at once, since a slow one keeps a copy of them; the rest waits, shared with others. */
const writeBytes = 65_536;

export interface FrameWriterOptions {
  flusher: Flusher;
  counters: Counters;
  /** Bytes that may wait for a slow reader. */
  outboxBytes: number;
}

/** Writes the frames of one session: its outbox, emptied once a tick into its connection as long as the peer keeps up. */
export class FrameWriter implements Flushable {
  readonly #connection: Connection;
  readonly #options: FrameWriterOptions;
  /** Names the user in each cursor. */
  readonly #tag: Buffer;
  readonly #outbox: Outbox;
  #unacknowledged = 0;
  /** The number of unacknowledged records that were written before the probe that is not answered yet. */
  #probed = 0;
  #marked = false;
  #open = true;
  #whenDrained: (() => void)[] | null = null;

  constructor(connection: Connection, tag: string, options: FrameWriterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#tag = Buffer.from(tag);
    this.#outbox = new Outbox(options.counters);
  }

  /** The number of records that were written and have not been acknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  get outbox(): Pick<Outbox, 'first' | 'waitingBytes' | 'liveFrames'> {
    return this.#outbox;
  }

  /** True if every frame was handed to the connection. */
  get isDrained(): boolean {
    return this.#outbox.isEmpty && !this.#outbox.blocked;
  }

  /** True if nothing waits for the peer to read. */
  get keepsUp(): boolean {
    return !this.#outbox.blocked && this.#outbox.waitingBytes === 0;
  }

  /** Resolves when every frame so far was handed to the connection, or the connection is gone. */
  drained(): Promise<void> {
    if (this.isDrained || !this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenDrained ??= [];
      this.#whenDrained.push(resolve);
    });
  }

  push(frame: EncodedFrame): Pushed {
    if (!this.#open) {
      if (frame.origin === 'live') this.#options.counters.missed++;
      return 'queued';
    }
    const pushed = this.#outbox.push(frame, this.#options.outboxBytes);
    if (!this.#outbox.blocked) this.#mark(frame.origin === 'live');
    return pushed;
  }

  takeOutgoing(): EncodedFrame[] {
    this.#marked = false;
    return this.#open && !this.#outbox.blocked ? this.#outbox.take(writeBytes) : [];
  }

  writeOut(template: WriteTemplate): void {
    const written = this.#connection.write(template.fill(this.#tag));
    this.#countWritten(template);
    if (written !== 'taken') template.leave();
    this.#outbox.blocked = written === 'full';
    if (!this.#outbox.blocked) this.#goOn();
  }

  /** The peer keeps up again. */
  resume(): void {
    this.#outbox.blocked = false;
    this.#goOn();
  }

  /** Writes what waits, unless the peer would not take it, and nothing from then on. */
  shut(): void {
    if (!this.#open) return;
    this.#open = false;
    const rest = this.#outbox.take(Number.POSITIVE_INFINITY);
    if (this.#outbox.blocked) this.#options.counters.missed += liveFramesIn(rest);
    else if (rest.length > 0) {
      const template = new WriteTemplate(rest);
      this.#connection.write(template.fill(this.#tag));
      this.#countWritten(template);
    }
    this.#resolveDrained();
  }

  /** The peer is asked for a sign of life, behind all that was written. */
  probed(): void {
    if (this.#probed === 0) this.#probed = this.#unacknowledged;
  }

  /** The peer has answered, so that what was written before the question has arrived. */
  answered(): void {
    this.#options.counters.acknowledged += this.#probed;
    this.#unacknowledged -= this.#probed;
    this.#probed = 0;
  }

  #countWritten({ live, stored }: WriteTemplate): void {
    const { counters } = this.#options;
    counters.written += live;
    counters.replayed += stored;
    this.#unacknowledged += live + stored;
  }

  #goOn(): void {
    if (this.#outbox.isEmpty) this.#resolveDrained();
    else if (this.#open) this.#mark(false);
  }

  #mark(isLive: boolean): void {
    if (this.#marked) return;
    this.#marked = true;
    this.#options.flusher.mark(this, isLive);
  }

  #resolveDrained(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = null;
    if (waiting) for (const resolve of waiting) resolve();
  }
}

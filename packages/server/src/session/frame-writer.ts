import type { EncodedFrame } from '../fanout/frame.ts';
import type { Connection } from './connection.ts';
import type { Flushable, Flusher } from './flusher.ts';
import { Outbox, type Pushed } from './outbox.ts';
import { WriteTemplate } from './write-template.ts';

/** Bytes that are handed to a connection at once, since a slow one keeps a copy of them; the rest waits, shared with others. */
const writeBytes = 65_536;

/** Writes the frames of one session: its outbox, emptied once a tick into its connection as long as the peer keeps up. */
export class FrameWriter implements Flushable {
  readonly #connection: Connection;
  readonly #flusher: Flusher;
  /** Bytes that may wait for a slow reader. */
  readonly #limit: number;
  /** Names the user in each cursor. */
  readonly #tag: Buffer;
  readonly #outbox = new Outbox();
  #marked = false;
  #open = true;
  #whenDrained: (() => void)[] | null = null;

  constructor(connection: Connection, flusher: Flusher, { limit, tag }: { limit: number; tag: string }) {
    this.#connection = connection;
    this.#flusher = flusher;
    this.#limit = limit;
    this.#tag = Buffer.from(tag);
  }

  /** True if every frame was handed to the connection. */
  get isDrained(): boolean {
    return this.#outbox.isEmpty && !this.#outbox.blocked;
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
    if (!this.#open) return 'queued';
    const pushed = this.#outbox.push(frame, this.#limit);
    if (!this.#outbox.blocked) this.#mark();
    return pushed;
  }

  takeOutgoing(): EncodedFrame[] {
    this.#marked = false;
    return this.#open && !this.#outbox.blocked ? this.#outbox.take(writeBytes) : [];
  }

  writeOut(template: WriteTemplate): void {
    const written = this.#connection.write(template.fill(this.#tag));
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
    if (!this.#outbox.blocked && rest.length > 0) this.#connection.write(new WriteTemplate(rest).fill(this.#tag));
    this.#resolveDrained();
  }

  #goOn(): void {
    if (this.#outbox.isEmpty) this.#resolveDrained();
    else if (this.#open) this.#mark();
  }

  #mark(): void {
    if (this.#marked) return;
    this.#marked = true;
    this.#flusher.mark(this);
  }

  #resolveDrained(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = null;
    if (waiting) for (const resolve of waiting) resolve();
  }
}

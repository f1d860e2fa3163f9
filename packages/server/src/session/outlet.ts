import type { Connection } from './connection.ts';
import type { Flushable, Flusher } from './flusher.ts';
import { Outbox, type Outgoing, type Pushed } from './outbox.ts';

/** The way out of one session: its outbox, emptied once a tick into its connection as long as the peer keeps up. */
export class Outlet implements Flushable {
  readonly #connection: Connection;
  readonly #flusher: Flusher;
  /** Bytes that may wait for a slow reader. */
  readonly #limit: number;
  readonly #outbox = new Outbox();
  #marked = false;
  #open = true;
  #whenDrained: (() => void)[] | null = null;

  constructor(connection: Connection, flusher: Flusher, limit: number) {
    this.#connection = connection;
    this.#flusher = flusher;
    this.#limit = limit;
  }

  /** Whether all that was pushed is out of our hands. */
  get isDrained(): boolean {
    return this.#outbox.isEmpty && !this.#outbox.blocked;
  }

  /** Resolves when all that was pushed so far is out of our hands, or nobody is there to take it. */
  drained(): Promise<void> {
    if (this.isDrained || !this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenDrained ??= [];
      this.#whenDrained.push(resolve);
    });
  }

  push(message: Outgoing): Pushed {
    if (!this.#open) return 'queued';
    const pushed = this.#outbox.push(message, this.#limit);
    if (!this.#outbox.blocked) this.#mark();
    return pushed;
  }

  takeOutgoing(): Outgoing[] {
    this.#marked = false;
    return this.#open && !this.#outbox.blocked ? this.#outbox.take() : [];
  }

  writeOut(bytes: Buffer): void {
    this.#outbox.blocked = !this.#connection.write(bytes);
    if (!this.#outbox.blocked) this.#tellDrained();
  }

  /** The peer keeps up again. */
  resume(): void {
    this.#outbox.blocked = false;
    if (this.#outbox.isEmpty) this.#tellDrained();
    else if (this.#open) this.#mark();
  }

  /** Writes what waits, unless the peer would not take it, and nothing from then on. */
  shut(): void {
    if (!this.#open) return;
    this.#open = false;
    const rest = this.#outbox.take();
    if (!this.#outbox.blocked && rest.length > 0) {
      this.#connection.write(Buffer.concat(rest.map((message) => message.bytes)));
    }
    this.#tellDrained();
  }

  #mark(): void {
    if (this.#marked) return;
    this.#marked = true;
    this.#flusher.mark(this);
  }

  #tellDrained(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = null;
    if (waiting) for (const resolve of waiting) resolve();
  }
}

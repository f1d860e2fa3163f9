import type { Outgoing } from './outbox.ts';

/** What has something to write at the end of the tick. */
export interface Flushable {
  takeOutgoing(): Outgoing[];
  writeOut(bytes: Buffer): void;
}

/** How many connections are written to before others get the event loop. */
const chunk = 256;

/**
 * Writes out, once a tick, what sessions have queued: one socket write each, however many frames. Sessions with the
 * same frames share one buffer. A large fan-out yields to other work between chunks.
 */
export class Flusher {
  #waiting: Flushable[] = [];
  #scheduled = false;
  #lastQueue: readonly Outgoing[] = [];
  #lastBytes: Buffer = Buffer.alloc(0);

  /** Asks for a flush; once per tick and session. */
  mark(session: Flushable): void {
    this.#waiting.push(session);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #flush = (): void => {
    const now = this.#waiting.length > chunk ? this.#waiting.splice(0, chunk) : this.#waiting;
    if (now === this.#waiting) this.#waiting = [];
    for (const session of now) {
      const queue = session.takeOutgoing();
      if (queue.length > 0) session.writeOut(this.#join(queue));
    }
    this.#scheduled = this.#waiting.length > 0;
    if (this.#scheduled) setImmediate(this.#flush);
    else this.#lastQueue = [];
  };

  #join(queue: readonly Outgoing[]): Buffer {
    if (queue.length === 1) return (queue[0] as Outgoing).bytes;
    if (!sameFrames(queue, this.#lastQueue)) {
      this.#lastBytes = Buffer.concat(queue.map((message) => message.bytes));
      this.#lastQueue = queue;
    }
    return this.#lastBytes;
  }
}

const sameFrames = (a: readonly Outgoing[], b: readonly Outgoing[]): boolean =>
  a.length === b.length && a.every((message, i) => message === b[i]);

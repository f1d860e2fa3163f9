import type { EncodedFrame } from '../fanout/frame.ts';
import { WriteTemplate } from './write-template.ts';

/** A session's writer, with frames to write at the end of the tick. */
export interface Flushable {
  takeOutgoing(): EncodedFrame[];
  writeOut(template: WriteTemplate): void;
}

/** The number of connections that are written to before other work gets the event loop. */
const chunk = 256;
/** The most connections that are written to at once with what was just released, before who published it is answered. */
const few = 8;

/**
 * Writes out, once a tick, what sessions have queued: one socket write each, however many frames. Sessions with the
 * same frames share one template. A large fan-out yields to other work between chunks.
 */
export class Flusher {
  #waiting: Flushable[] = [];
  #scheduled = false;
  #lastQueue: readonly EncodedFrame[] = [];
  #lastTemplate = new WriteTemplate([]);

  /**
   * Asks for a flush; once per tick and session.
   * @param isLive true for a change that was just released: if it is for few sessions, they need not wait for the end of the tick
   */
  mark(session: Flushable, isLive: boolean): void {
    this.#waiting.push(session);
    if (isLive && this.#waiting.length === 1) queueMicrotask(this.#flushFew);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #flushFew = (): void => {
    if (this.#waiting.length <= few) this.#writeFirst();
  };

  #flush = (): void => {
    this.#writeFirst();
    this.#scheduled = this.#waiting.length > 0;
    if (this.#scheduled) setImmediate(this.#flush);
    else this.#lastQueue = [];
  };

  #writeFirst(): void {
    const now = this.#waiting.length > chunk ? this.#waiting.splice(0, chunk) : this.#waiting;
    if (now === this.#waiting) this.#waiting = [];
    for (const session of now) {
      const queue = session.takeOutgoing();
      if (queue.length > 0) session.writeOut(this.#templateOf(queue));
    }
  }

  #templateOf(queue: readonly EncodedFrame[]): WriteTemplate {
    if (!sameFrames(queue, this.#lastQueue)) {
      this.#lastTemplate = new WriteTemplate(queue);
      this.#lastQueue = queue;
    }
    return this.#lastTemplate;
  }
}

function sameFrames(a: readonly EncodedFrame[], b: readonly EncodedFrame[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

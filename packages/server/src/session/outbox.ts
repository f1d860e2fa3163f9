import type { EncodedFrame } from '../fanout/frame.ts';
import type { Counters } from '../telemetry/counters.ts';

/** `waiting`: it waits for the peer, which does not keep up; `overflow`: more than may wait does. */
export type Pushed = 'queued' | 'waiting' | 'overflow';

/**
 * The frames that wait to be written to one connection, in order. While the peer does not keep up, superseded versions of a record
 * are dropped. Past the limit the connection is given up: the client then resumes from its cursor.
 */
export class Outbox {
  readonly #counters: Counters;
  #queue: EncodedFrame[] = [];
  /** The number of frames at the head of the queue that came while the peer kept up. */
  #free = 0;
  /** Bytes of the others. */
  #waiting = 0;
  /** Bytes of all. */
  #bytes = 0;
  /** Set while the peer does not keep up. */
  blocked = false;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** The frame that is taken next; null if there is none. */
  get first(): EncodedFrame | null {
    return this.#queue[0] ?? null;
  }

  /** Bytes of the frames that came while the peer did not keep up. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  /** The number of live frames in it. */
  get liveFrames(): number {
    return liveFramesIn(this.#queue);
  }

  push(frame: EncodedFrame, limit: number): Pushed {
    const { length } = frame.bytes;
    this.#bytes += length;
    if (!this.blocked && this.#free === this.#queue.length) {
      this.#queue.push(frame);
      this.#free++;
      return 'queued';
    }
    if (frame.id !== null) this.#dropSuperseded(frame.id);
    this.#queue.push(frame);
    this.#waiting += length;
    return this.#waiting > limit ? 'overflow' : 'waiting';
  }

  /** Takes the first of what waits: as many whole frames as fit into so many bytes, and one at least. */
  take(atMost: number): EncodedFrame[] {
    const queue = this.#queue;
    if (this.#bytes <= atMost) {
      this.#queue = [];
      this.#free = this.#bytes = this.#waiting = 0;
      return queue;
    }
    let [count, bytes] = [0, 0];
    for (const frame of queue) {
      if (count > 0 && bytes + frame.bytes.length > atMost) break;
      bytes += frame.bytes.length;
      if (count >= this.#free) this.#waiting -= frame.bytes.length;
      count++;
    }
    this.#bytes -= bytes;
    this.#free = Math.max(0, this.#free - count);
    this.#queue = queue.slice(count);
    return queue.slice(0, count);
  }

  /** The new version goes to the tail, so that a cursor in between never covers what was dropped. */
  #dropSuperseded(id: string): void {
    const index = this.#queue.findIndex((frame) => frame.id === id);
    if (index === -1) return;
    const { bytes, origin } = this.#queue[index] as EncodedFrame;
    const { length } = bytes;
    if (origin === 'live') this.#counters.conflated++;
    this.#bytes -= length;
    if (index < this.#free) this.#free--;
    else this.#waiting -= length;
    this.#queue.splice(index, 1);
  }
}

export function liveFramesIn(frames: readonly EncodedFrame[]): number {
  let count = 0;
  for (const { origin } of frames) if (origin === 'live') count++;
  return count;
}

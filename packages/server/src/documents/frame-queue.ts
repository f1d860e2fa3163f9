import type { Connection } from '../session/connection.ts';

/** Writes binary messages to one connection, in order. What comes while its peer does not keep up waits, up to a limit. */
export class FrameQueue {
  readonly #connection: Pick<Connection, 'write'>;
  readonly #most: number;
  readonly #overflow: () => void;
  #isFull = false;
  #waiting: Buffer[] = [];
  #bytes = 0;

  /** @param most bytes that may wait; past it `overflow` is called, and nothing waits any more */
  constructor(connection: Pick<Connection, 'write'>, most: number, overflow: () => void) {
    this.#connection = connection;
    this.#most = most;
    this.#overflow = overflow;
  }

  /** True if something waits, or is about to. */
  get isBehind(): boolean {
    return this.#isFull;
  }

  write(frame: Buffer): void {
    if (!this.#isFull) {
      this.#isFull = this.#connection.write([frame]) === 'full';
      return;
    }
    this.#waiting.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes <= this.#most) return;
    this.#drop();
    this.#overflow();
  }

  /** The peer keeps up again. */
  resume(): void {
    this.#isFull = false;
    let written = 0;
    for (const frame of this.#waiting) {
      if (this.#isFull) break;
      this.#isFull = this.#connection.write([frame]) === 'full';
      this.#bytes -= frame.length;
      written++;
    }
    this.#waiting = this.#waiting.slice(written);
  }

  #drop(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }
}

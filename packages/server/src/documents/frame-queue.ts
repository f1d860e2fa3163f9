import type { Connection } from '../session/connection.ts';
import { type EncodeBinary, Message } from './message.ts';
import type { AwarenessState } from './wire.ts';

interface FrameQueueParts {
  connection: Pick<Connection, 'write'>;
  encode: EncodeBinary;
  /** Bytes that may wait. */
  most: number;
  /** Called where more would wait. Nothing waits any more then. */
  overflow(): void;
}

/**
 * Writes binary messages to one connection, in order. What comes while its peer does not keep up waits, up to a limit: of the states of each client
 * the newest, behind all that changes the document, since a cursor may stand in that.
 */
export class FrameQueue {
  readonly #parts: FrameQueueParts;
  #isFull = false;
  #waiting: Buffer[] = [];
  /** By client. */
  readonly #states = new Map<number, AwarenessState>();
  #bytes = 0;

  constructor(parts: FrameQueueParts) {
    this.#parts = parts;
  }

  write(message: Message): void {
    if (!this.#isFull) this.#put(message.encodedBy(this.#parts.encode));
    else if (message.states) this.#replace(message.states);
    else this.#append(message.encodedBy(this.#parts.encode));
    if (this.#bytes <= this.#parts.most) return;
    this.#drop();
    this.#parts.overflow();
  }

  /** The peer keeps up again. */
  resume(): void {
    this.#isFull = false;
    let written = 0;
    for (const frame of this.#waiting) {
      if (this.#isFull) break;
      this.#put(frame);
      this.#bytes -= frame.length;
      written++;
    }
    this.#waiting = this.#waiting.slice(written);
    if (this.#isFull || this.#states.size === 0) return;
    const states = [...this.#states.values()];
    this.#drop();
    this.write(Message.ofStates(states));
  }

  #put(frame: Buffer): void {
    this.#isFull = this.#parts.connection.write([frame]) === 'full';
  }

  #append(frame: Buffer): void {
    this.#waiting.push(frame);
    this.#bytes += frame.length;
  }

  #replace(states: readonly AwarenessState[]): void {
    for (const state of states) {
      const before = this.#states.get(state.client);
      this.#bytes += bytesOf(state) - (before ? bytesOf(before) : 0);
      this.#states.set(state.client, state);
    }
  }

  #drop(): void {
    this.#waiting = [];
    this.#states.clear();
    this.#bytes = 0;
  }
}

/** The bytes of a state in a message, with its two numbers, about. */
const bytesOf = ({ state }: AwarenessState): number => Buffer.byteLength(state ?? 'null') + 16;

import { cursorTagLength } from '@tidings/protocol';
import { type Message, tailLength } from '../fanout/message.ts';

/** Messages of this size and more are written as they are, shared by all that are sent them. Bytes. */
const sharedFrom = 16_384;

interface Part {
  bytes: Buffer;
  /** Places in the bytes at which the session's tail is filled in. */
  tails: readonly number[];
  /** True where the session's tail follows the bytes. */
  isCut: boolean;
}

/**
 * The bytes that are written at once to each session that is sent the same messages: made once, and filled in for one after the other with
 * the tag of its user's cursors, in place as long as each connection takes all of it at once. A connection that does not is left
 * the bytes; the next session has a copy of what is small, and shares what is large.
 */
export class WriteTemplate {
  readonly #parts: readonly Part[];
  #isLeft = false;
  /** The parts as they were filled in last. */
  #filled: Buffer[] = [];

  constructor(messages: readonly Message[]) {
    const parts: Part[] = [];
    let small: Message[] = [];
    for (const message of messages) {
      if (message.bytes.length < sharedFrom) small.push(message);
      else {
        if (small.length > 0) parts.push(joined(small));
        small = [];
        parts.push(cut(message));
      }
    }
    if (small.length > 0) parts.push(joined(small));
    this.#parts = parts;
  }

  /**
   * @param tail the end of this session's cursors
   * @returns what is good until the next call, unless it is left to a connection
   */
  fill(tail: Buffer): readonly Buffer[] {
    if (this.#isLeft) this.#renew();
    const filled = this.#filled;
    let next = 0;
    for (const { bytes, tails, isCut } of this.#parts) {
      for (const at of tails) fillIn(bytes, at, tail);
      filled[next++] = bytes;
      if (isCut) filled[next++] = tail;
    }
    return filled;
  }

  /** A connection keeps what it was given last: it is not to be changed any more. */
  leave(): void {
    this.#isLeft = true;
  }

  #renew(): void {
    this.#isLeft = false;
    this.#filled = [];
    for (const part of this.#parts) if (part.tails.length > 0) part.bytes = Buffer.from(part.bytes);
  }
}

function joined(messages: readonly Message[]): Part {
  const tails: number[] = [];
  let end = 0;
  for (const { bytes, hasCursor } of messages) {
    end += bytes.length;
    if (hasCursor) tails.push(end - tailLength);
  }
  const [first] = messages as [Message];
  // A message that is filled in belongs to this template alone: another may be of the same message.
  const isPlain = messages.length === 1 && tails.length === 0;
  return { bytes: isPlain ? first.bytes : Buffer.concat(messages.map(({ bytes }) => bytes)), tails, isCut: false };
}

const cut = ({ bytes, hasCursor }: Message): Part => ({
  ...{ bytes: hasCursor ? bytes.subarray(0, -tailLength) : bytes, tails: [], isCut: hasCursor },
});

/** The tag alone, byte by byte, which for so few costs a fifth of a call. */
function fillIn(bytes: Buffer, at: number, tail: Buffer): void {
  for (let i = 0; i < cursorTagLength; i++) bytes[at + i] = tail[i] as number;
}

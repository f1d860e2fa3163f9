import { type Message, tailLength } from '../fanout/message.ts';

/** Messages of this size and more are written as they are, shared by all that are sent them; smaller ones are copied. Bytes. */
const sharedFrom = 16_384;

/** Bytes that all share, and where in them tags are to be filled in; with none they are written as they are. */
interface Part {
  bytes: Buffer;
  tails: readonly number[];
  /** Whether the tail of the session follows. */
  isCut: boolean;
}

/**
 * What is written at once to each session that is sent the same messages: made once, and filled in for each with the tag of its
 * user's cursors. A session that reads slowly keeps a copy of what is small, and a share of what is large.
 */
export class WriteTemplate {
  readonly #parts: readonly Part[];

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

  /** @param tail the end of this session's cursors */
  fill(tail: Buffer): Buffer[] {
    const filled: Buffer[] = [];
    for (const { bytes, tails, isCut } of this.#parts) {
      filled.push(tails.length === 0 ? bytes : withTails(bytes, tails, tail));
      if (isCut) filled.push(tail);
    }
    return filled;
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
  const bytes = messages.length === 1 ? first.bytes : Buffer.concat(messages.map((message) => message.bytes));
  return { bytes, tails, isCut: false };
}

const cut = ({ bytes, hasCursor }: Message): Part => ({
  ...{ bytes: hasCursor ? bytes.subarray(0, -tailLength) : bytes, tails: [], isCut: hasCursor },
});

function withTails(bytes: Buffer, tails: readonly number[], tail: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  bytes.copy(copy);
  for (const at of tails) copy.set(tail, at);
  return copy;
}

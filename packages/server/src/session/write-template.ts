import { cursorTagLength } from '@tidings/protocol';
import type { EncodedFrame } from '../fanout/frame.ts';

/** Frames of this size and more are written as they are, shared by all who are sent them. Bytes. */
const sharedFrom = 16_384;

/** Bytes that are written as one, with the offsets of the blanks for the user's tag. Null stands for the tag itself. */
type Part = { bytes: Buffer; tags: readonly number[] } | null;

/**
 * The bytes that are written at once to each session that is sent the same frames: made once, and filled in for one after the other with
 * the tag of its user's cursors, in place as long as each connection takes all of it at once. A connection that does not is left
 * the bytes; the next session has a copy of what is small, and shares what is large.
 */
export class WriteTemplate {
  /** The number of live frames in it. */
  readonly live: number;
  /** The number of records in it that were read from the store. */
  readonly stored: number;
  readonly #parts: readonly Part[];
  #isLeft = false;
  /** The parts as they were filled in last. */
  #filled: Buffer[] = [];

  constructor(frames: readonly EncodedFrame[]) {
    const parts: Part[] = [];
    let small: EncodedFrame[] = [];
    let [live, stored] = [0, 0];
    for (const frame of frames) {
      if (frame.origin === 'live') live++;
      else if (frame.origin === 'store') stored += frame.messages;
      if (frame.bytes.length < sharedFrom) small.push(frame);
      else {
        if (small.length > 0) parts.push(joined(small));
        small = [];
        parts.push(...cutAtTags(frame));
      }
    }
    if (small.length > 0) parts.push(joined(small));
    this.#parts = parts;
    this.live = live;
    this.stored = stored;
  }

  /**
   * @param tag of the user's cursors
   * @returns what is good until the next call, unless it is left to a connection
   */
  fill(tag: Buffer): readonly Buffer[] {
    if (this.#isLeft) this.#renew();
    const filled = this.#filled;
    for (let n = 0; n < this.#parts.length; n++) {
      const part = this.#parts[n] as Part;
      if (part) for (const at of part.tags) fillIn(part.bytes, at, tag);
      filled[n] = part ? part.bytes : tag;
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
    for (const part of this.#parts) if (part && part.tags.length > 0) part.bytes = Buffer.from(part.bytes);
  }
}

function joined(frames: readonly EncodedFrame[]): Part {
  const [first, more] = frames as [EncodedFrame, ...EncodedFrame[]];
  if (!more && first.tags.length === 0) return first;
  const tags: number[] = [];
  let begin = 0;
  for (const frame of frames) {
    for (const at of frame.tags) tags.push(begin + at);
    begin += frame.bytes.length;
  }
  // The inserted tags belong to this template alone: another may have the same frames.
  return { bytes: Buffer.concat(frames.map(({ bytes }) => bytes)), tags };
}

function cutAtTags({ bytes, tags }: EncodedFrame): Part[] {
  const parts: Part[] = [];
  let begin = 0;
  for (const at of tags) {
    parts.push({ bytes: bytes.subarray(begin, at), tags: [] }, null);
    begin = at + cursorTagLength;
  }
  return [...parts, { bytes: bytes.subarray(begin), tags: [] }];
}

/** The tag alone, byte by byte, which for so few costs a fifth of a call. */
function fillIn(bytes: Buffer, at: number, tag: Buffer): void {
  for (let i = 0; i < cursorTagLength; i++) bytes[at + i] = tag[i] as number;
}

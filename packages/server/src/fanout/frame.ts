import { cursorTagLength } from '@tidings/protocol';
import type { Position } from '../domain/store/history.ts';

/** Stands in a frame for the tag of its cursor, which each user has another of, all of the same length. */
const blankTag = ' '.repeat(cursorTagLength);

/** The bytes ahead of a text of so many bytes. */
export interface TextHeader {
  size(length: number): number;
  /** @returns the offset behind them */
  write(into: Buffer, at: number, length: number): number;
}

/** Turns frames into the bytes that one kind of connection writes. */
export interface Encoding {
  /** True if it repeats the cursor that the client holds with each frame that brings none. */
  repeatsCursor: boolean;
  /** @returns the whole message; `tags` are the offsets of the blanks for the user's tag, ascending */
  encode(frame: Frame): { bytes: Buffer; tags: readonly number[] };
  /** Set where a message is these bytes and the text, so that messages can be put together from bytes. */
  readonly header?: TextHeader;
}

/** The origin of a frame: a change as it was released, a record that was read from the store, or the session itself. */
export type FrameOrigin = 'live' | 'store' | 'session';

/** A frame as one kind of connection writes it. */
export interface EncodedFrame {
  /** A later frame with the same id supersedes it; null if none does. */
  readonly id: string | null;
  readonly origin: FrameOrigin;
  /** The number of messages in its bytes: several where records of the store were put together. */
  readonly messages: number;
  /** Shared by all who are sent the frame: never changed. */
  readonly bytes: Buffer;
  /** Offsets of the blanks for the user's tag, ascending. */
  readonly tags: readonly number[];
}

export interface FrameOptions {
  origin: FrameOrigin;
  /** A later frame with the same id supersedes it. Default: none does. */
  id?: string | null;
  /** The position of its cursor. Default: it has none. */
  at?: Position | null;
  /** The cursor that the client holds when it receives a frame without one, as text. Default: none. */
  heldCursor?: string | null;
}

/** One frame on its way out. It is encoded once for each encoding, when the first connection asks, and shared from then on. */
export class Frame {
  /** A later frame with the same id supersedes it; null if none does. */
  readonly id: string | null;
  readonly origin: FrameOrigin;
  /** JSON. A cursor is its last member. */
  readonly text: string;
  /** `term:rev:` and blanks for the user's tag; null if the frame has no cursor. */
  readonly cursor: string | null;
  /** The cursor that the client holds when it receives a frame without one, as text; null for none, and where no encoding repeats it. */
  readonly heldCursor: string | null;
  #encoded: EncodedFrame | null = null;
  #encoding: Encoding | null = null;
  /** In other encodings than the first. */
  #others: Map<Encoding, EncodedFrame> | null = null;

  /** @param text a JSON object, to which the cursor is added */
  constructor(text: string, { origin, id = null, at = null, heldCursor = null }: FrameOptions) {
    this.id = id;
    this.origin = origin;
    this.heldCursor = heldCursor;
    this.cursor = at && `${at.term}:${at.rev}:${blankTag}`;
    this.text = at ? `${text.slice(0, -1)},"cursor":"${this.cursor}"}` : text;
  }

  encodedBy(encoding: Encoding): EncodedFrame {
    if (this.#encoded && this.#encoding === encoding) return this.#encoded;
    const known = this.#others?.get(encoding);
    if (known) return known;
    const encoded = { id: this.id, origin: this.origin, messages: 1, ...encoding.encode(this) };
    if (this.#encoded) {
      this.#others ??= new Map();
      this.#others.set(encoding, encoded);
    } else {
      this.#encoded = encoded;
      this.#encoding = encoding;
    }
    return encoded;
  }
}

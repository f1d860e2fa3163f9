/** Puts bytes into one binary message of a connection, ready to be written. */
export type EncodeBinary = (bytes: Uint8Array) => Buffer;

/** A message for any number of connections: it is encoded once for all of them. */
export class Message {
  readonly bytes: Uint8Array;
  readonly #frames = new Map<EncodeBinary, Buffer>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  encodedBy(encode: EncodeBinary): Buffer {
    const known = this.#frames.get(encode);
    if (known) return known;
    const frame = encode(this.bytes);
    this.#frames.set(encode, frame);
    return frame;
  }
}

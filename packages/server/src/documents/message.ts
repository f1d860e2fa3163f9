import { type AwarenessState, awarenessMessage } from './wire.ts';

/** Puts bytes into one binary message of a connection, ready to be written. */
export type EncodeBinary = (bytes: Uint8Array) => Buffer;

/** A message for any number of connections: it is encoded once for all of them. */
export class Message {
  readonly bytes: Uint8Array;
  /** The states of clients that it has, and nothing else; null for any other message. */
  readonly states: readonly AwarenessState[] | null;
  readonly #frames = new Map<EncodeBinary, Buffer>();

  constructor(bytes: Uint8Array, states: readonly AwarenessState[] | null = null) {
    this.bytes = bytes;
    this.states = states;
  }

  /** An awareness message: of each client its newest state is enough for who reads late. */
  static ofStates(states: readonly AwarenessState[]): Message {
    return new Message(awarenessMessage(states), states);
  }

  encodedBy(encode: EncodeBinary): Buffer {
    const known = this.#frames.get(encode);
    if (known) return known;
    const frame = encode(this.bytes);
    this.#frames.set(encode, frame);
    return frame;
  }
}

import { cursorTagLength } from '@tidings/protocol';

/** One message on its way out, shared by every session that is sent it. One with an id is superseded by a later one with the same id. */
export interface Message {
  readonly id: string | null;
  /** The whole WebSocket message. */
  readonly bytes: Buffer;
  /** True where it ends with a cursor, the tag of which is to be filled in for each session. */
  readonly hasCursor: boolean;
}

/** Stands in a message for the tag of a cursor, which is of the same length for every user. */
export const tagSpace = ' '.repeat(cursorTagLength);

/** Bytes that stand at the end of a message with a cursor, from its tag on: the tag, `"` and `}`. */
export const tailLength = cursorTagLength + 2;

/** How a message ends that has a cursor, for the sessions of one user. */
export const tailOf = (tag: string): Buffer => Buffer.from(`${tag}"}`);

/** A text message of a server, whole and unmasked (RFC 6455 section 5.2), ready to be written to any socket. */
export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const buffer = Buffer.allocUnsafe(header + length);
  buffer[0] = 0x81;
  if (header === 2) buffer[1] = length;
  else if (header === 4) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeBigUInt64BE(BigInt(length), 2);
  }
  buffer.write(text, header);
  return buffer;
}

/** A message that is one session's alone, or that has no cursor. */
export const plainMessage = (text: string, id: string | null = null): Message => ({
  ...{ id, bytes: encodeText(text), hasCursor: false },
});

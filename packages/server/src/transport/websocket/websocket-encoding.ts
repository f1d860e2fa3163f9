import { cursorTagLength } from '@tidings/protocol';
import type { Encoding, TextHeader } from '../../fanout/frame.ts';

/** Bytes behind the tag where a frame ends with its cursor: `"` and `}`. */
const afterTag = 2;
const none: readonly number[] = [];

/** Of a text message of a server, whole and unmasked (RFC 6455 section 5.2). */
const header: TextHeader = {
  size: (length) => (length < 126 ? 2 : length < 65_536 ? 4 : 10),
  write(into, at, length) {
    into[at] = 0x81;
    if (length < 126) {
      into[at + 1] = length;
      return at + 2;
    }
    if (length < 65_536) {
      into[at + 1] = 126;
      return into.writeUInt16BE(length, at + 2);
    }
    into[at + 1] = 127;
    return into.writeBigUInt64BE(BigInt(length), at + 2);
  },
};

/** Text messages, ready to be written to any socket. */
export const webSocketEncoding: Encoding = {
  repeatsCursor: false,
  header,
  encode({ text, cursor }) {
    const bytes = textMessage(text);
    return { bytes, tags: cursor === null ? none : [bytes.length - afterTag - cursorTagLength] };
  },
};

/** A binary message, whole and unmasked. */
export function binaryMessage(bytes: Uint8Array): Buffer {
  const buffer = Buffer.allocUnsafe(header.size(bytes.length) + bytes.length);
  buffer.set(bytes, header.write(buffer, 0, bytes.length));
  buffer[0] = 0x82;
  return buffer;
}

function textMessage(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const buffer = Buffer.allocUnsafe(header.size(length) + length);
  buffer.write(text, header.write(buffer, 0, length));
  return buffer;
}

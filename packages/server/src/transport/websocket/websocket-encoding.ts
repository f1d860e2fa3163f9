import { cursorTagLength } from '@tidings/protocol';
import type { Encoding } from '../../fanout/frame.ts';

/** Bytes behind the tag where a frame ends with its cursor: `"` and `}`. */
const afterTag = 2;
const none: readonly number[] = [];

/** Text messages of a server, each whole and unmasked (RFC 6455 section 5.2), ready to be written to any socket. */
export const webSocketEncoding: Encoding = {
  repeatsCursor: false,
  encode({ text, cursor }) {
    const bytes = textMessage(text);
    return { bytes, tags: cursor === null ? none : [bytes.length - afterTag - cursorTagLength] };
  },
};

function textMessage(text: string): Buffer {
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

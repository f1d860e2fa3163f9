import { expect, test } from 'vitest';
import { clientFrame, FrameReader } from './frames.ts';

/** A server's text frame. */
function serverFrame(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = header.length === 2 ? bytes.length : header.length === 4 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(bytes.length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([header, bytes]);
}

const payloads = ['a', '', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(70_000), 'e'];

test.each([5, 7, 1_000, 1_000_000])('frames are found whole in reads of %i bytes from one reused buffer', (size) => {
  const bytes = Buffer.concat(payloads.map(serverFrame));
  const reused = Buffer.alloc(size);
  const reader = new FrameReader();
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(reused, 0, at, at + size);
    reader.read(reused.subarray(0, length), (opcode, buffer, start, end) => {
      expect(opcode).toBe(1);
      found.push(buffer.toString('latin1', start, end));
    });
    reused.fill(0xff);
  }
  expect(found).toEqual(payloads);
});

test.each([0, 125, 126, 300])('a client frame of %i bytes is masked and keeps its payload', (length) => {
  const payload = Buffer.alloc(length, 'x');
  const frame = clientFrame(1, payload);
  expect((frame[1] as number) & 0x80).toBe(0x80);
  expect(frame.subarray(frame.length - length)).toEqual(payload);
  expect(frame.length - length).toBe(length < 126 ? 6 : 8);
});

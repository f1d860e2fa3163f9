import { expect, test } from 'vitest';
import type { PlainRecord } from '../domain/store/records.ts';
import { Frame } from '../fanout/frame.ts';
import { frameText, replayedMark } from '../fanout/record-text.ts';
import { eventStreamEncoding } from '../transport/sse/event-stream-encoding.ts';
import { webSocketEncoding } from '../transport/websocket/websocket-encoding.ts';
import { plainFrames } from './plain-frames.ts';

/** Bodies of every length of header there is for them, and as many as need several blocks. */
const bodies = Array.from({ length: 200 }, (_, n) => JSON.stringify({ type: 'x', text: 'ü'.repeat(n * 5) }));
const source = Buffer.from(bodies.join(''));
let at = 0;
const records = bodies.map((body, n): PlainRecord => {
  const begin = at;
  at += Buffer.byteLength(body);
  return { rev: n + 1, source, begin, end: at, isPersonal: false };
});

test.each([
  { name: 'WebSocket messages', encoding: webSocketEncoding, heldCursor: null },
  { name: 'events of a stream', encoding: eventStreamEncoding, heldCursor: 't:1:AAAAAAAA' },
])('plain records are the same $name as when each is encoded by itself', ({ encoding, heldCursor }) => {
  const marks = [replayedMark];
  const blocks = plainFrames(records, { marks, encoding, heldCursor });
  const each = bodies.map((body, n) => {
    const text = frameText({ body, rev: n + 1, alertRev: n + 1 }, marks);
    return new Frame(text, { origin: 'store', heldCursor }).encodedBy(encoding).bytes;
  });
  expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).equals(Buffer.concat(each))).toBe(true);
  expect(blocks.reduce((sum, { messages }) => sum + messages, 0)).toBe(bodies.length);
  expect(blocks.every(({ bytes }) => bytes.length < 65_536)).toBe(true);
});

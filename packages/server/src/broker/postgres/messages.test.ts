import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from './messages.ts';

test.each<Message>([
  { kind: 'probe' },
  { kind: 'committed', term: 'Ab-_9', from: 1, to: 9_007_199_254_740_991 },
  { kind: 'text', channel: 'room:order/12 "ü" ', text: ' 3 line\nline\u0000\u0001 😀' },
  { kind: 'text', channel: '', text: '' },
])('$kind comes out as it went in: %j', (message) => {
  expect(decodeMessage(encodeMessage('node', message))).toEqual({ node: 'node', message });
});

test.each([
  '',
  'x',
  'node',
  'node committed',
  'node committed {"term":"t","from":1}',
  'node text',
  'node text 5',
  'node other x',
])('a payload that is none of ours is passed over: %j', (payload) => {
  expect(decodeMessage(payload)).toBeNull();
});

test('what PostgreSQL would refuse is refused here', () => {
  const text = (bytes: number): Message => ({ kind: 'text', channel: 'a', text: 'ü'.repeat(bytes / 2) });
  expect(Buffer.byteLength(encodeMessage('n', text(7_980)))).toBeLessThan(8_000);
  expect(() => encodeMessage('n', text(8_000))).toThrow(RangeError);
});

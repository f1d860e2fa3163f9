import { expect, test } from 'vitest';
import { type EncodedFrame, type Encoding, Frame } from '../fanout/frame.ts';
import { eventStreamEncoding } from '../transport/sse/event-stream-encoding.ts';
import { webSocketEncoding } from '../transport/websocket/websocket-encoding.ts';
import { WriteTemplate } from './write-template.ts';

const tagSpace = ' '.repeat(8);
const live = (text: string): EncodedFrame =>
  new Frame(`{"text":"${text}"}`, { origin: 'live', at: { term: 't', rev: 1 } }).encodedBy(webSocketEncoding);
const plain = (text: string): EncodedFrame => new Frame(text, { origin: 'session' }).encodedBy(webSocketEncoding);
const large = 'x'.repeat(100_000);
const texts = [live('a'), plain('{"type":"reply"}'), live('ü'.repeat(200)), live(large), live('b')];

test.each([
  ['one small', texts.slice(0, 1)],
  ['one without a cursor', texts.slice(1, 2)],
  ['small ones', texts.slice(0, 3)],
  ['a large one', texts.slice(3, 4)],
  ['all together', texts],
])('each session is written its own cursors: %s', (_name, messages) => {
  const template = new WriteTemplate(messages);
  const written = ['AAAAAAAA', 'b-b_b-b_'].map((tag) =>
    Buffer.concat(template.fill(Buffer.from(tag))).toString('latin1'),
  );
  const whole = Buffer.concat(messages.map(({ bytes }) => bytes)).toString('latin1');
  expect(written).toEqual([whole.replaceAll(tagSpace, 'AAAAAAAA'), whole.replaceAll(tagSpace, 'b-b_b-b_')]);
});

test('what is left to a connection stays as it is, whatever is written to others, also from other templates of the same messages', () => {
  const left: { parts: readonly Buffer[]; text: string }[] = [];
  for (const messages of [texts, texts.slice(0, 1), texts, texts.slice(0, 1)]) {
    const template = new WriteTemplate(messages);
    for (const tag of ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC']) {
      const parts = template.fill(Buffer.from(tag));
      left.push({ parts, text: Buffer.concat(parts).toString() });
      template.leave();
      template.fill(Buffer.from('XXXXXXXX'));
    }
  }
  for (const { parts, text } of left) expect(Buffer.concat(parts).toString()).toBe(text);
});

test('what is large is shared, not copied, by all it is left to', () => {
  const template = new WriteTemplate(texts);
  const [one, other] = ['AAAAAAAA', 'BBBBBBBB'].map((tag) => {
    const parts = template.fill(Buffer.from(tag));
    template.leave();
    return parts;
  }) as [readonly Buffer[], readonly Buffer[]];
  const own = one.filter((part, n) => part !== other[n]);
  expect(Buffer.concat(own).length).toBeLessThan(1_000);
});

test('an encoding may write the cursor more than once, and anywhere', () => {
  // An event stream has it in front, and in the text.
  const frames = ['ü', 'b', large].map((text) =>
    new Frame(`{"text":"${text}"}`, { origin: 'live', at: { term: 't', rev: 1 } }).encodedBy(eventStreamEncoding),
  );
  const template = new WriteTemplate(frames);
  for (const tag of ['AAAAAAAA', 'b-b_b-b_']) {
    const expected = ['ü', 'b', large].map(
      (text) => `data: {"text":"${text}","cursor":"t:1:${tag}"}\nid: t:1:${tag}\n\n`,
    );
    expect(Buffer.concat(template.fill(Buffer.from(tag))).toString()).toBe(expected.join(''));
  }
});

test('a frame is encoded once for each encoding, however many ask', () => {
  let count = 0;
  const counting = (): Encoding => ({
    repeatsCursor: false,
    encode({ text }) {
      count++;
      return { bytes: Buffer.from(text), tags: [] };
    },
  });
  const [one, other, third] = [counting(), counting(), counting()] as [Encoding, Encoding, Encoding];
  const frame = new Frame('{}', { origin: 'session' });
  const encoded = [one, other, third, other, one, third].map((encoding) => frame.encodedBy(encoding));
  expect(count).toBe(3);
  expect(new Set(encoded).size).toBe(3);
});

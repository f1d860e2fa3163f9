import { expect, test } from 'vitest';
import { encodeText, type Message, plainMessage, tagSpace, tailOf } from '../fanout/message.ts';
import { WriteTemplate } from './write-template.ts';

const live = (text: string): Message => ({
  ...{ id: null, hasCursor: true },
  bytes: encodeText(`{"text":"${text}","cursor":"t:1:${tagSpace}"}`),
});
const large = 'x'.repeat(100_000);
const texts = [live('a'), plainMessage('{"type":"reply"}'), live('ü'.repeat(200)), live(large), live('b')];

test.each([
  ['one small', texts.slice(0, 1)],
  ['one without a cursor', texts.slice(1, 2)],
  ['small ones', texts.slice(0, 3)],
  ['a large one', texts.slice(3, 4)],
  ['all together', texts],
])('each session is written its own cursors: %s', (_name, messages) => {
  const template = new WriteTemplate(messages);
  const written = ['AAAAAAAA', 'b-b_b-b_'].map((tag) => Buffer.concat(template.fill(tailOf(tag))).toString('latin1'));
  const whole = Buffer.concat(messages.map(({ bytes }) => bytes)).toString('latin1');
  expect(written).toEqual([whole.replaceAll(tagSpace, 'AAAAAAAA'), whole.replaceAll(tagSpace, 'b-b_b-b_')]);
});

test('what is left to a connection stays as it is, whatever is written to others, also from other templates of the same messages', () => {
  const left: { parts: readonly Buffer[]; text: string }[] = [];
  for (const messages of [texts, texts.slice(0, 1), texts, texts.slice(0, 1)]) {
    const template = new WriteTemplate(messages);
    for (const tag of ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC']) {
      const parts = template.fill(tailOf(tag));
      left.push({ parts, text: Buffer.concat(parts).toString() });
      template.leave();
      template.fill(tailOf('XXXXXXXX'));
    }
  }
  for (const { parts, text } of left) expect(Buffer.concat(parts).toString()).toBe(text);
});

test('what is large is shared, not copied, by all it is left to', () => {
  const template = new WriteTemplate(texts);
  const [one, other] = ['AAAAAAAA', 'BBBBBBBB'].map((tag) => {
    const parts = template.fill(tailOf(tag));
    template.leave();
    return parts;
  }) as [readonly Buffer[], readonly Buffer[]];
  const own = one.filter((part, n) => part !== other[n]);
  expect(Buffer.concat(own).length).toBeLessThan(1_000);
});

import { expect, test } from 'vitest';
import { dialects } from './dialects.ts';

const push = '{"push":{"channel":"everyone","pub":{"data":{"n":1}}}}';

test.each([
  ['{}', '{}', 0],
  [push, null, 1],
  [`${push}\n${push}`, null, 2],
  [`{}\n${push}`, '{}', 1],
  [`${push}\n{}\n${push}`, '{}', 2],
  [`${push}\n{}`, '{}', 1],
  ['{"id":1,"connect":{"client":"c"}}', null, 0],
])('Centrifugo joins pings and pushes in one frame: %s', (text, answer, count) => {
  const buffer = Buffer.from(`before${text}{}after`);
  const [start, end] = [6, 6 + text.length];
  expect(dialects.centrifugo.answer(buffer, start, end)).toBe(answer);
  expect(dialects.centrifugo.count(buffer, start, end)).toBe(count);
});

test.each([
  ['2', '3', 0],
  ['2probe', null, 0],
  ['42["message",{"n":2}]', null, 1],
  ['40{"sid":"s"}', null, 0],
])('Socket.IO %s', (text, answer, count) => {
  const buffer = Buffer.from(text);
  expect(dialects['socket.io'].answer(buffer, 0, buffer.length)).toBe(answer);
  expect(dialects['socket.io'].count(buffer, 0, buffer.length)).toBe(count);
});

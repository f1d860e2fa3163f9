import { expect, test } from 'vitest';
import { Outbox, type Outgoing } from './outbox.ts';

const frame = (id: string | null, text = String(id)): Outgoing => ({ id, bytes: Buffer.from(text) });
const texts = (outbox: Outbox): string[] => outbox.take().map(({ bytes }) => bytes.toString());

test('drops nothing while the peer keeps up', () => {
  const outbox = new Outbox();
  for (const text of ['a1', 'a2']) outbox.push(frame('a', text), 1);
  expect(texts(outbox)).toEqual(['a1', 'a2']);
});

test('puts the newer version at the tail while the peer does not, so that no cursor vouches for what was dropped', () => {
  const outbox = new Outbox();
  outbox.blocked = true;
  for (const one of [frame('a', 'a1'), frame(null, 'cursor'), frame('b'), frame('a', 'a2'), frame(null, 'reply')]) {
    outbox.push(one, 1_000);
  }
  expect(texts(outbox)).toEqual(['cursor', 'b', 'a2', 'reply']);
  expect(outbox.isEmpty).toBe(true);
});

test('overflows by what waits, not by what was replaced', () => {
  const outbox = new Outbox();
  outbox.blocked = true;
  for (let n = 0; n < 100; n++) expect(outbox.push(frame('a', 'x'.repeat(10)), 15)).toBe('queued');
  expect(outbox.push(frame('b', 'x'.repeat(10)), 15)).toBe('overflow');
});

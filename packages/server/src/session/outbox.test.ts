import { expect, test } from 'vitest';
import type { EncodedFrame } from '../fanout/frame.ts';
import { Counters } from '../telemetry/counters.ts';
import { Outbox } from './outbox.ts';

const frame = (id: string | null, text = String(id)): EncodedFrame => ({
  ...{ id, origin: 'live', messages: 1, bytes: Buffer.from(text), tags: [] },
});
const texts = (outbox: Outbox): string[] => outbox.take(1_000).map(({ bytes }) => bytes.toString());

test('drops nothing while the peer keeps up', () => {
  const outbox = new Outbox(new Counters());
  for (const text of ['a1', 'a2']) outbox.push(frame('a', text), 1);
  expect(texts(outbox)).toEqual(['a1', 'a2']);
});

test('puts the newer version at the tail while the peer does not, so that no cursor vouches for what was dropped', () => {
  const outbox = new Outbox(new Counters());
  outbox.blocked = true;
  for (const one of [frame('a', 'a1'), frame(null, 'cursor'), frame('b'), frame('a', 'a2'), frame(null, 'reply')]) {
    outbox.push(one, 1_000);
  }
  expect(texts(outbox)).toEqual(['cursor', 'b', 'a2', 'reply']);
  expect(outbox.isEmpty).toBe(true);
});

test('overflows by what waits, not by what was replaced', () => {
  const outbox = new Outbox(new Counters());
  outbox.blocked = true;
  for (let n = 0; n < 100; n++) expect(outbox.push(frame('a', 'x'.repeat(10)), 15)).toBe('waiting');
  expect(outbox.push(frame('b', 'x'.repeat(10)), 15)).toBe('overflow');
});

test('takes as many whole messages as fit, and one at least', () => {
  const outbox = new Outbox(new Counters());
  for (const text of ['aaaa', 'bbb', 'cc', 'd']) outbox.push(frame(null, text), 1);
  const parts: string[][] = [];
  while (!outbox.isEmpty) parts.push(outbox.take(3).map(({ bytes }) => bytes.toString()));
  expect(parts).toEqual([['aaaa'], ['bbb'], ['cc', 'd']]);
});

test('counts what comes behind what waits, not what came at once while the peer kept up', () => {
  const outbox = new Outbox(new Counters());
  for (const id of ['a', 'b', 'c']) expect(outbox.push(frame(id, id.repeat(10)), 15)).toBe('queued');
  expect(outbox.take(10)).toHaveLength(1);
  outbox.blocked = true;
  expect(outbox.push(frame('b', 'b'.repeat(10)), 15)).toBe('waiting');
  outbox.blocked = false;
  expect(outbox.push(frame('d', 'd'.repeat(10)), 15)).toBe('overflow');
  expect(texts(outbox).map((text) => text[0])).toEqual(['c', 'b', 'd']);
  expect(outbox.push(frame('e', 'e'.repeat(100)), 15)).toBe('queued');
});

import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

/** A queue with so many items of each owner, all of one cost, which are named after the owner and counted. */
function queued(all: Record<string, { count: number; cost: number }>): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const [owner, { count, cost }] of Object.entries(all)) {
    for (let n = 1; n <= count; n++) queue.add(owner, cost, `${owner}${n}`);
  }
  return queue;
}

test('takes what fits, in the order of one owner, and the rest later', () => {
  const queue = queued({ a: { count: 5, cost: 40 } });
  expect(queue.take(100)).toEqual(['a1', 'a2']);
  expect(queue.size).toBe(3);
  expect(queue.take(100)).toEqual(['a3', 'a4']);
  expect(queue.take(100)).toEqual(['a5']);
  expect(queue.take(100)).toEqual([]);
  expect(queue.size).toBe(0);
});

test('takes one alone that costs more than there is', () => {
  const queue = queued({ a: { count: 2, cost: 250 }, b: { count: 1, cost: 250 } });
  expect([queue.take(100), queue.take(100), queue.take(100)]).toEqual([['a1'], ['b1'], ['a2']]);
});

test('gives owners who ask for much equal shares, and serves those who ask for little at once', () => {
  const queue = queued({ a: { count: 50, cost: 100 }, b: { count: 50, cost: 100 }, c: { count: 3, cost: 1 } });
  const first = queue.take(200);
  expect(first.slice(0, 3)).toEqual(['c1', 'c2', 'c3']);
  const taken = [...first, ...Array.from({ length: 20 }, () => queue.take(200)).flat()];
  const share = (owner: string) => taken.filter((name) => name.startsWith(owner)).length;
  expect(Math.abs(share('a') - share('b'))).toBeLessThanOrEqual(1);
  queue.add('d', 1, 'd1');
  expect([...queue.take(200), ...queue.take(200)]).toContain('d1');
});

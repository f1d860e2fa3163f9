import { expect, test } from 'vitest';
import type { Received } from './load/messages.ts';
import { tally } from './tally.ts';

/** The frames of three sockets: pairs of socket and number on those that are read, counts on the others. */
function received(read: [socket: number, number: number][], counted: Record<number, number> = {}): Received {
  const perSocket = Uint32Array.from({ length: 3 }, (_, socket) => counted[socket] ?? 0);
  for (const [socket] of read) perSocket[socket] = (perSocket[socket] as number) + 1;
  return {
    ...{ deliveries: 0, closed: 0, lastAt: 0, cpu: 0, perSocket, latencies: new Float64Array() },
    numbers: Uint32Array.from(read.map(([, number]) => number)),
    readers: Uint32Array.from(read.map(([socket]) => socket)),
  };
}

const accepted = Uint32Array.from([3, 4, 5]);

test('nothing is lost where each user received what was for it', () => {
  expect(
    tally(
      'user',
      accepted,
      received([
        [0, 3],
        [1, 4],
        [2, 5],
      ]),
    ),
  ).toEqual({ lost: 0, wrong: 0 });
});

test('what a user did not receive is lost, and what came twice or to another user is wrong', () => {
  expect(
    tally(
      'user',
      accepted,
      received([
        [0, 3],
        [0, 3],
        [1, 5],
      ]),
    ),
  ).toEqual({ lost: 2, wrong: 2 });
});

test('everybody is owed everything, whether their frames are read or counted', () => {
  const all: [number, number][] = [
    [0, 3],
    [0, 4],
    [0, 5],
  ];
  expect(tally('everyone', accepted, received(all, { 1: 3, 2: 3 }))).toEqual({ lost: 0, wrong: 0 });
  expect(tally('everyone', accepted, received(all, { 1: 2, 2: 4 }))).toEqual({ lost: 1, wrong: 1 });
  expect(
    tally(
      'everyone',
      accepted,
      received(
        [
          [0, 3],
          [0, 3],
          [0, 5],
        ],
        { 1: 3, 2: 3 },
      ),
    ),
  ).toEqual({ lost: 1, wrong: 1 });
});

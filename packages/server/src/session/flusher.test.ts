import { setImmediate as endOfTick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type EncodedFrame, Frame } from '../fanout/frame.ts';
import { webSocketEncoding } from '../transport/websocket/websocket-encoding.ts';
import { Flusher } from './flusher.ts';

/** Sessions with one frame each to write, in a list of those that have written. */
function sessions(count: number, frame: EncodedFrame) {
  const written: number[] = [];
  const all = Array.from({ length: count }, (_, n) => {
    let queue = [frame];
    return {
      takeOutgoing: () => queue.splice(0),
      writeOut: () => void written.push(n),
      push: () => {
        queue = [frame];
      },
    };
  });
  return { all, written };
}

const live = new Frame('{"type":"ping"}', { origin: 'live' }).encodedBy(webSocketEncoding);

/** Resolves after the microtasks that are there, as the answer to a publisher does. */
const answered = async (): Promise<void> => {};

test('a change for few sessions is written before who published it is answered', async () => {
  const flusher = new Flusher();
  const { all, written } = sessions(8, live);
  for (const session of all) flusher.mark(session, true);
  expect(written).toEqual([]);
  await answered();
  expect(written).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  await endOfTick();
  expect(written).toHaveLength(8);
});

test('a change for many sessions is written at the end of the tick, behind the answer', async () => {
  const flusher = new Flusher();
  const { all, written } = sessions(9, live);
  for (const session of all) flusher.mark(session, true);
  await answered();
  expect(written).toEqual([]);
  await endOfTick();
  expect(written).toHaveLength(9);
});

test('other frames wait for the end of the tick, and what comes meanwhile is written with them', async () => {
  const flusher = new Flusher();
  const { all, written } = sessions(2, live);
  flusher.mark(all[0] as (typeof all)[0], false);
  await answered();
  flusher.mark(all[1] as (typeof all)[0], true);
  await answered();
  expect(written).toEqual([]);
  await endOfTick();
  expect(written).toEqual([0, 1]);
});

test('what comes after few sessions were written to is written in the same tick', async () => {
  const flusher = new Flusher();
  const { all, written } = sessions(1, live);
  const [session] = all as [(typeof all)[0]];
  flusher.mark(session, true);
  await answered();
  session.push();
  flusher.mark(session, false);
  expect(written).toEqual([0]);
  await endOfTick();
  expect(written).toEqual([0, 0]);
});

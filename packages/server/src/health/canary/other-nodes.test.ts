import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../testing/manual-clock.ts';
import { MemoryEphemeral } from '../../broker/memory/memory-ephemeral.ts';
import { OtherNodes } from './other-nodes.ts';

let clock: ManualClock;
let here: OtherNodes;
let there: OtherNodes;
/** True if what the other node commits arrives here, and if its announcements do. */
let arrives: boolean;
let isHeard: boolean;

beforeEach(() => {
  clock = new ManualClock();
  [arrives, isHeard] = [true, true];
  const channel = new MemoryEphemeral();
  here = new OtherNodes('here', channel, clock);
  there = new OtherNodes('there', channel, clock);
});

/** The beats of so many seconds. */
async function beat(seconds: number): Promise<void> {
  for (let n = 0; n < seconds / 3; n++) {
    if (isHeard) there.announce();
    if (arrives) here.received('there');
    await clock.advance(3_000);
  }
}

test('a node whose records arrive is not missed, nor is this one', async () => {
  here.received('here');
  await beat(300);
  expect(here.missed()).toEqual([]);
});

test('a node is missed that says that it commits, while nothing of it arrives, for as long as that is so', async () => {
  await beat(30);
  arrives = false;
  await beat(9);
  expect(here.missed()).toEqual([]);
  await beat(6);
  expect(here.missed()).toEqual([{ node: 'there', seconds: expect.any(Number), isAnnounced: true }]);
  await beat(300);
  expect(here.missed()).toMatchObject([{ isAnnounced: true }]);
  arrives = true;
  await beat(3);
  expect(here.missed()).toEqual([]);
});

test('a node that ended without saying so is missed, and forgotten after a minute', async () => {
  await beat(30);
  [arrives, isHeard] = [false, false];
  await beat(15);
  expect(here.missed()).toMatchObject([{ node: 'there', isAnnounced: false }]);
  await beat(60);
  expect(here.missed()).toEqual([]);
});

test('a node that says that it stops is not missed', async () => {
  await beat(30);
  there.close();
  await clock.advance(20_000);
  expect(here.missed()).toEqual([]);
});

test('a clock that is set forward lets no node be missed, and one that is set back hides none', async () => {
  await beat(30);
  clock.set(3_600_000);
  await beat(3);
  expect(here.missed()).toEqual([]);
  clock.set(-7_200_000);
  [arrives, isHeard] = [false, false];
  await beat(15);
  expect(here.missed()).toMatchObject([{ node: 'there', seconds: 18, isAnnounced: false }]);
});

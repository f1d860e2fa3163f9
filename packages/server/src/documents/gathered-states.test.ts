import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { UserState } from './awareness.ts';
import { GatheredStates } from './gathered-states.ts';

const state = (client: number, clock: number): UserState => ({ client, clock, state: '{}', user: 'ann' });

function gathering() {
  const clock = new ManualClock();
  const given: string[] = [];
  const states = new GatheredStates(clock, (some) =>
    given.push(some.map(({ client, clock: time }) => `${client}@${time}`).join(' ')),
  );
  return { clock, given, states };
}

test('what comes after a pause goes out at once, and the newest of each client 50 ms later', async () => {
  const { clock, given, states } = gathering();
  states.add([state(1, 1)]);
  expect(given).toEqual(['1@1']);
  states.add([state(1, 2), state(2, 1)]);
  states.add([state(1, 3)]);
  await clock.advance(49);
  expect(given).toEqual(['1@1']);
  await clock.advance(1);
  expect(given).toEqual(['1@1', '1@3 2@1']);
  await clock.advance(50);
  states.add([state(2, 2)]);
  expect(given).toEqual(['1@1', '1@3 2@1', '2@2']);
});

test('what waits at the end goes out, and what comes later does not', async () => {
  const { clock, given, states } = gathering();
  states.add([state(1, 1)]);
  states.add([state(1, 2)]);
  states.end();
  states.add([state(1, 3)]);
  await clock.advance(1_000);
  expect(given).toEqual(['1@1', '1@2']);
});

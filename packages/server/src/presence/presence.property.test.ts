import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresFixture, sqliteFixture } from '../../testing/databases.ts';
import { PresencePlay, type PresenceStep } from '../../testing/presence-play.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';

const device = fc.nat(5);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('connect', 'reload'), device }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('cut', 'unsubscribe', 'hide', 'stall', 'flow'), device }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('state'), device, n: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('right'), user: fc.nat(2), has: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(50, 500, 1_000, 2_000, 6_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('lose', 'delay'), messages: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash') }) },
) as fc.Arbitrary<PresenceStep>;

describe.each([
  { nodes: 1, name: 'one node, on SQLite', make: async () => sqliteFixture(), numRuns: 25 },
  { nodes: 2, name: 'two nodes, on PostgreSQL', make: postgresFixture, numRuns: 25 },
])('on $name', ({ nodes, make, numRuns }) => {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await make();
  });
  afterAll(() => fixture.remove());

  test('everybody ends up knowing exactly who is there, and nobody who is there is said to leave', async () => {
    let plays = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
        const play = new PresencePlay(fixture, `${++plays}-${nodes}`, nodes);
        await play.begin();
        try {
          for (const next of steps) await play.play(next);
          expect(await play.end()).toEqual([]);
        } finally {
          await play.close();
        }
      }),
      { numRuns, endOnFailure: true },
    );
  }, 180_000);
});

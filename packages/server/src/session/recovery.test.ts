import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storeForFile } from '../../testing/file-store.ts';
import { ReferenceClient } from '../../testing/reference-client.ts';
import { put, storeWith } from '../../testing/temp-store.ts';
import { tick, until, World } from '../../testing/world.ts';
import type { Store } from '../domain/ports.ts';

const store = storeForFile();

/** The store, with something that happens before and after each read of a page. */
function readsWith(around: () => Promise<void>): Store {
  const slowed =
    <A, R>(read: (query: A) => Promise<R>) =>
    async (query: A) => {
      await around();
      const page = await read(query);
      await around();
      return page;
    };
  return storeWith(store, {
    changesSince: slowed((query: Parameters<Store['changesSince']>[0]) => store.changesSince(query)),
    initialSnapshot: slowed((query: Parameters<Store['initialSnapshot']>[0]) => store.initialSnapshot(query)),
  });
}

type Step =
  | { do: 'publish'; to: number; count: number }
  | { do: 'change'; record: number }
  | { do: 'stall'; capacity: number }
  | { do: 'take' | 'glimpse'; bytes: number }
  | { do: 'flow' | 'cut' | 'sweep' | 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('publish' as const), to: fc.nat(3), count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), record: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stall' as const), capacity: fc.nat(900) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), bytes: fc.nat(1_500) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('glimpse' as const), bytes: fc.nat(1_500) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flow', 'cut', 'sweep', 'wait' as const) }) },
);

const scenario = fc.record({
  steps: fc.array(step, { maxLength: 30 }),
  behind: fc.nat(40),
  pageSize: fc.integer({ min: 1, max: 12 }),
  holdFrames: fc.nat(8),
  outboxBytes: fc.integer({ min: 400, max: 4_000 }),
  duringReads: fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }),
});

/** Reads a little of what waits, with a ping in it, and is cut. */
async function glimpse(world: World, client: ReferenceClient, bytes: number): Promise<void> {
  for (let n = 0; n < 4; n++) {
    await store.head();
    await world.sweep();
    await tick();
    client.connection?.take(bytes);
  }
  client.connection?.cut();
}

let users = 0;

test('publishing during the hand-over, cuts at any byte and slow reading lose nothing, repeat nothing, turn nothing round', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, behind, pageSize, holdFrames, outboxBytes, duringReads }) => {
      const user = `u${++users}`;
      const role = `r${users}`;
      const mine = [`user:${user}`, `role:${role}`, `user:${user}`];
      const newest = new Map<string, number>();
      const note = (written: Promise<{ id: string; topics: readonly string[] }[]>) => underWay.push(written);
      const underWay: Promise<unknown>[] = [];
      const publish = (to: number, count: number) => {
        const writes = Array.from({ length: count }, () => put({ topics: [mine[to] ?? 'user:stranger'] }));
        note(
          store.commit(writes).then((outcomes) => {
            for (const [n, outcome] of outcomes.entries()) {
              const { id, rev } = outcome as { id: string; rev: number };
              if (writes[n]?.topics[0] !== 'user:stranger') newest.set(id, Math.max(rev, newest.get(id) ?? 0));
            }
            return writes;
          }),
        );
      };
      const change = (record: number) => {
        const write = put({ id: `${user}-t${record}`, kind: 'task', topics: [mine[0] as string], alert: 'never' });
        note(
          store.commit([{ ...write, expect: undefined }]).then(([outcome]) => {
            const { id, rev } = outcome as { id: string; rev: number };
            newest.set(id, Math.max(rev, newest.get(id) ?? 0));
            return [write];
          }),
        );
      };
      let reads = 0;
      const world = new World(store, {
        limits: { pageSize, holdFrames, outboxBytes, recent: 100_000, pingIntervalMs: 0 },
        reads: readsWith(async () => {
          // A busy stream, but not one that is for ever faster than a hold of so few.
          const count = reads++ < 40 ? (duringReads[reads % duringReads.length] ?? 0) : 0;
          if (count > 0) publish(reads % 3, count);
          await tick();
        }),
      });
      const start = await store.head();
      world.hub.start(start);
      const client = new ReferenceClient(world, `/ws/?user=${user}&roles=${role}`);
      await client.connect();
      await until(() => client.isSynced);
      client.apply();
      client.connection?.cut();
      publish(0, behind);
      await Promise.all(underWay);

      for (const next of steps) {
        if (!client.isUp) {
          client.apply();
          await client.connect((connection) => next.do === 'glimpse' && connection.stall(next.bytes));
        }
        if (next.do === 'publish') publish(next.to, next.count);
        else if (next.do === 'change') change(next.record);
        else if (next.do === 'stall') client.connection?.stall(next.capacity);
        else if (next.do === 'take') client.connection?.take(next.bytes);
        else if (next.do === 'glimpse') await glimpse(world, client, next.bytes);
        else if (next.do === 'flow') client.connection?.flow();
        else if (next.do === 'cut') client.connection?.cut();
        else if (next.do === 'sweep') await world.sweep();
        else await store.head();
        await tick();
        expect(world.unaccounted).toBe(0);
      }

      await Promise.all(underWay);
      for (let quiet = false; !quiet; ) {
        client.connection?.flow();
        client.apply();
        if (!client.isUp) await client.connect();
        else if (client.isSynced) {
          await Promise.all(underWay);
          await world.settle();
          client.apply();
          // Its outbox may have overflown before it read on: it comes back, and gets the rest.
          quiet = client.isUp;
        }
        await tick();
      }
      expect(client.disorder).toEqual([]);
      expect(client.unrecovered).toBe(0);
      expect([...client.held].sort()).toEqual([...newest].sort());
      expect(world.counters.released).toBe((await store.head()).head - start.head);
      world.registry.abandonAll();
      expect(world.unaccounted).toBe(0);
      expect(world.registry.census().waitingFrames).toBe(0);
      world.hub.stop();
    }),
    { numRuns: 200 },
  );
}, 120_000);

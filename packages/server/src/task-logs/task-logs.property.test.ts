import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { LogClient } from '../../testing/log-client.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';
import { tick, World } from '../../testing/world.ts';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import type { Store } from '../domain/ports.ts';

let store: Store;
/** Another process's on the same database, where there can be one. */
let there: Store;

const device = fc.nat(2);
type Step =
  | { do: 'add'; kinds: ('line' | 'chunk')[]; node: 0 | 1 }
  | { do: 'stall'; device: number; bytes: number }
  | { do: 'connect'; device: number; node: 0 | 1; byAddress: boolean }
  | { do: 'flow' | 'cut'; device: number }
  | { do: 'sweep' };
const node = fc.constantFrom(0, 1);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('add'), node },
      kinds: fc.array(fc.constantFrom('line', 'chunk', 'chunk'), { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stall'), device, bytes: fc.nat(1_500) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect'), device, node, byAddress: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flow', 'cut'), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep') }) },
) as fc.Arbitrary<Step>;

/** A client on connections that are cut. */
class Device {
  readonly client = new LogClient();
  connection: MemoryConnection | null = null;
  #read = 0;

  take(): void {
    const { received = [] } = this.connection ?? {};
    for (; this.#read < received.length; this.#read++) {
      this.client.apply(received[this.#read] as (typeof received)[number]);
    }
  }

  async connect(world: World, taskId: string, byAddress: boolean): Promise<void> {
    this.take();
    this.connection?.cut();
    this.#read = 0;
    const { seq } = this.client;
    if (byAddress) {
      this.connection = await world.connect(`/ws/tasks/?user=${taskId}&logs=${taskId}@${seq}`);
      return;
    }
    this.connection = await world.join(`/ws/tasks/?user=${taskId}`);
    this.connection.say({ action: 'subscribe', task_id: taskId, log_after: seq });
  }
}

describe.each(databases)('on $name', ({ fixture }) => {
  let made: StoreFixture;
  let worlds: World[];
  beforeAll(async () => {
    made = await fixture();
    store = made.make();
    there = made.isShared ? made.make() : store;
    const broker = new MemoryBroker();
    // Ephemeral messages of one do not reach the other: entries that it stores are found.
    worlds = [await new World(store, { broker }).open()];
    worlds.push(made.isShared ? await new World(there, { broker }).open() : (worlds[0] as World));
  });
  afterAll(async () => {
    for (const world of new Set(worlds)) await world.close();
    await made.remove();
  });

  test('whoever is cut off at any moment, or reads slowly, has the whole text once and in order', async () => {
    let plays = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const id = `t${++plays}`;
        await (worlds[0] as World).context.tasks.report(id, { status: 'processing' });
        for (const world of worlds) await world.settle();
        const devices = [new Device(), new Device(), new Device()];
        let whole = '';
        let seq = 0;
        for (const next of steps) {
          const one = 'device' in next ? (devices[next.device] as Device) : null;
          if (next.do === 'add') {
            const entries = next.kinds.map((kind) => {
              const text = `${++seq}.`.padEnd(60, '-');
              whole += text;
              return { kind, level: 'info', at: 0, text } as const;
            });
            const { taskLogs } = (worlds[next.node] as World).context;
            await taskLogs.add(id, { entries, attempt: null, once: null });
          } else if (next.do === 'connect') await one?.connect(worlds[next.node] as World, id, next.byAddress);
          else if (next.do === 'stall') one?.connection?.stall(next.bytes);
          else if (next.do === 'flow') one?.connection?.flow();
          else if (next.do === 'cut') one?.connection?.cut();
          else for (const world of worlds) await world.logFeeds.sweep();
          await tick();
          for (const each of devices) each.take();
        }
        for (const [i, each] of devices.entries()) {
          if (each.connection === null || each.connection.closed) {
            await each.connect(worlds[i % 2] as World, id, i === 0);
          }
          each.connection?.flow();
          // The work of the server's one-second timer.
          for (const end = Date.now() + 40_000; each.client.text.length < whole.length && Date.now() < end; ) {
            for (const world of worlds) {
              await world.settle();
              await world.logFeeds.sweep();
            }
            each.take();
          }
          expect(each.client.text).toBe(whole);
          each.connection?.cut();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

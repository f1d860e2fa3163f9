import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { TestDatabase } from '../../testing/postgres.ts';
import { PresenceNode } from '../../testing/presence-node.ts';
import { tick, until } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';

const topic = 'room:project:1';
const hour = 3_600_000;
let database: TestDatabase;
let clock: ManualClock;
let ephemeral: MemoryEphemeral;
let stores: Store[];
let here: PresenceNode;
let there: PresenceNode;

beforeAll(async () => {
  database = await TestDatabase.borrow();
});
afterAll(() => database.giveBack());
beforeEach(async () => {
  clock = new ManualClock(Date.now());
  ephemeral = new MemoryEphemeral();
  stores = [];
  [here, there] = [await aNode('here'), await aNode('there')];
  await live(12);
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await database.query(tables.map((table) => `delete from ${table}`).join(';'));
});

/** The database has the right time, whatever that of a node is. */
async function aNode(name: string): Promise<PresenceNode> {
  const store = database.store(() => clock.now());
  await store.open();
  stores.push(store);
  return new PresenceNode(`${name}-${clock.now()}`, { store, ephemeral, clock });
}

/** Does the work of so many seconds, on the nodes that live. */
async function live(seconds: number, living: readonly PresenceNode[] = [here, there]): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    await clock.advance(1_000);
    for (const node of living) node.announce();
    for (const { peers } of living) await peers.writeAll().catch(() => {});
    for (const { peers } of living) await peers.compare();
  }
  await tick();
}

const tables = ['presence_nodes', 'presence_rooms', 'presence_sessions'];
/** Keeps what is stored of presence. @returns puts it back, as a database does that crashed and has lost what was not synced */
async function keepStored(): Promise<() => Promise<void>> {
  for (const table of tables) await database.query(`create table kept_${table} as table ${table}`);
  return async () => {
    const back = (table: string) =>
      `delete from ${table}; insert into ${table} select * from kept_${table}; drop table kept_${table}`;
    await database.query(tables.map(back).join(';'));
  };
}

/** Has the next write of a node fail. @returns does it all the same, later */
function failNextWrite({ store }: PresenceNode): () => Promise<unknown> {
  const { writePresence } = store;
  let write: () => Promise<unknown> = async () => {};
  store.writePresence = async (...of) => {
    store.writePresence = writePresence;
    write = () => writePresence(...of);
    throw new Error('the connection broke');
  };
  return () => write();
}

describe('the clock of a node', () => {
  test('that was set forward and back keeps nobody there whose node died', async () => {
    here.enter(topic, 'ann');
    there.enter(topic, 'bob');
    here.clockShiftMs = hour;
    await live(2);
    here.clockShiftMs = 0;
    await live(2);
    expect(await here.users(topic)).toEqual(['ann', 'bob']);
    there.end();
    await live(20, [here]);
    expect(await here.users(topic)).toEqual(['ann']);
  });

  test('that was set back between two visits hides nobody who comes there', async () => {
    here.enter(topic, 'ann');
    there.clockShiftMs = hour;
    const bob = there.enter(topic, 'bob');
    await live(1);
    bob.seat.leave('left');
    await there.peers.writeAll();
    there.clockShiftMs = 0;
    there.enter(topic, 'cem');
    await live(1);
    expect(await here.users(topic)).toEqual(['ann', 'cem']);
  });
});

describe('a node that reads who is there', () => {
  test('finds nobody who left, and all who came, in what a database has lost', async () => {
    here.enter(topic, 'ann');
    const bob = there.enter(topic, 'bob');
    await live(1);
    const goBack = await keepStored();
    bob.seat.leave('left');
    there.enter(topic, 'cem');
    await live(1);
    await goBack();
    const third = await aNode('third');
    third.enter(topic, 'dan');
    await third.peers.compare();
    expect(await third.users(topic)).toContain('bob');
    await live(3, [here, there, third]);
    expect(await third.users(topic)).toEqual(['ann', 'cem', 'dan']);
  });

  test('finds nobody who left in a write that failed and was done later', async () => {
    const writeLate = failNextWrite(there);
    const bob = there.enter(topic, 'bob');
    await live(1);
    await live(1);
    bob.seat.leave('left');
    await live(1);
    await writeLate();
    const third = await aNode('third');
    third.enter(topic, 'dan');
    await live(3, [here, there, third]);
    expect(await third.users(topic)).toEqual(['dan']);
  });

  test('finds all of a node that was taken for dead, whose first write was done and not answered', async () => {
    there.enter(topic, 'bob');
    await live(1);
    await clock.advance(70_000);
    await here.store.removeLostNodes(60_000);
    const write = failNextWrite(there);
    await there.peers.writeAll().catch(write);
    const third = await aNode('third');
    third.enter(topic, 'dan');
    await live(3, [here, there, third]);
    expect(await third.users(topic)).toEqual(['bob', 'dan']);
  });

  test('finishes, however soon one room is opened after another was read', async () => {
    for (let steps = 0; steps < 16; steps++) {
      const { presence } = here.store;
      const second = Promise.withResolvers<ReturnType<PresenceNode['enter']>>();
      here.store.presence = (topics) => {
        here.store.presence = presence;
        const reading = presence(topics);
        void reading.then(async () => {
          for (let n = 0; n < steps; n++) await null;
          second.resolve(here.enter(`room:project:second-${steps}`, 'bob'));
        });
        return reading;
      };
      here.enter(`room:project:first-${steps}`, 'ann');
      const { view } = await second.promise;
      await until(() => {
        void clock.advance(50);
        return view.users.length > 0;
      });
      expect(view.users).toEqual(['bob']);
    }
  });
});

test('a room is closed where its last user went to another node', async () => {
  const bob = here.enter(topic, 'bob');
  there.enter(topic, 'ann');
  await live(1);
  bob.seat.leave('cut');
  there.enter(topic, 'bob');
  await clock.advance(100);
  expect(here.service.size).toBe(0);
  await live(2);
  expect((await there.store.presenceHeads([topic])).heads).toMatchObject([{ node: there.name }]);
});

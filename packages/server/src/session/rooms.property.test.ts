import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { anyFate, type Fate, FaultyBroker } from '../../testing/faulty-broker.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';
import { event, member } from '../../testing/temp-store.ts';
import { tick, until, World } from '../../testing/world.ts';
import type { Store } from '../domain/ports.ts';
import type { RoomAccess } from '../domain/rooms.ts';

let store: Store;
/** Another process's on the same database, where there can be one. */
let there: Store;

const device = fc.nat(3);
type Step =
  | { do: 'say'; times: number }
  | { do: 'member'; access: RoomAccess | null; beside: boolean }
  | { do: 'stall'; device: number; bytes: number }
  | { do: 'flow' | 'cut' | 'connect'; device: number };

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('say'), times: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('member'), beside: fc.boolean() },
      access: fc.constantFrom('r', 'rw', null, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall'), device, bytes: fc.nat(1_500) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flow', 'cut', 'connect'), device }) },
) as fc.Arbitrary<Step>;

const scenario = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  fates: fc.array(anyFate, { minLength: 1, maxLength: 4 }),
  pageSize: fc.integer({ min: 1, max: 10 }),
  holdFrames: fc.integer({ min: 2, max: 20 }),
});

/** A client of one room, on its own path or on `/ws/`, that does what PROTOCOL.md asks of one. */
class RoomClient {
  readonly #world: World;
  readonly #path: string;
  /** Null on the room's own path. */
  readonly #topic: string | null;
  #cursor: string | null = null;
  /** The cursor covers the room. */
  #isCovered = false;
  #read = 0;
  connection: MemoryConnection | null = null;
  /** The revs of the events since it began to follow the room anew, in the order in which they came. */
  revs: number[] = [];

  constructor(world: World, path: string, topic: string | null) {
    this.#world = world;
    this.#path = path;
    this.#topic = topic;
  }

  get isUp(): boolean {
    return this.connection !== null && this.connection.closed === null;
  }

  async connect(): Promise<void> {
    if (this.isUp) return;
    this.#read = 0;
    const topics = this.#topic === null ? '' : `&${this.#isCovered ? 'topics' : 'subscribe'}=${this.#topic}`;
    const cursor = this.#cursor === null ? '' : `&cursor=${this.#cursor}`;
    this.connection = await this.#world.connect(`${this.#path}${topics}${cursor}`);
  }

  /** Reads what came, and calls back with the rev of each event. */
  take(seen: (rev: number) => void): void {
    const { received = [] } = this.connection ?? {};
    for (; this.#read < received.length; this.#read++) {
      const frame = received[this.#read] as (typeof received)[number];
      if (frame.type === 'subscribed') this.revs = [];
      if (frame.type === 'synced' && this.#topic === null) this.#isCovered = true;
      if (frame.type === 'ping' && received.slice(0, this.#read).some(({ type }) => type === 'subscribed')) {
        this.#isCovered = true;
      }
      if (frame.type === 'unsubscribed') this.#isCovered = false;
      if (frame.type === 'room_event' && !this.revs.includes(frame.rev as number)) {
        this.revs.push(frame.rev as number);
        seen(frame.rev as number);
      }
      this.#cursor = (frame.cursor as string | undefined) ?? this.#cursor;
    }
  }
}

/** A user with four devices, two at each of two nodes: on the path of a room and on `/ws/`. The broker of one node is faulty. */
class Play {
  readonly #worlds: readonly World[];
  readonly clients: readonly RoomClient[];
  readonly #user: string;
  readonly #topic: string;
  /** The revs at which the user became a member, and none. */
  readonly #changes: { rev: number; isMember: boolean }[] = [];
  #said = 0;

  constructor(name: string, { pageSize, holdFrames, fates }: { pageSize: number; holdFrames: number; fates: Fate[] }) {
    const limits = { pageSize, holdFrames, recent: 10_000, pingIntervalMs: 0 };
    this.#worlds = [new World(store, { limits }), new World(there, { limits, broker: new FaultyBroker(fates) })];
    this.#user = `u-${name}`;
    this.#topic = `room:project:${name}`;
    this.clients = this.#worlds.flatMap((world) => [
      new RoomClient(world, `/ws/projects/${name}/?user=${this.#user}`, null),
      new RoomClient(world, `/ws/?user=${this.#user}`, this.#topic),
    ]);
  }

  async begin(): Promise<void> {
    const head = await store.head();
    for (const world of this.#worlds) world.hub.start(head);
    await this.#setMember('r', false);
  }

  async play(next: Step): Promise<void> {
    const client = 'device' in next ? (this.clients[next.device] as RoomClient) : null;
    if (next.do === 'say') await this.#say(next.times);
    else if (next.do === 'member') await this.#setMember(next.access, next.beside);
    else if (next.do === 'connect') await client?.connect();
    else if (next.do === 'stall') client?.connection?.stall(next.bytes);
    else if (next.do === 'flow') client?.connection?.flow();
    else client?.connection?.cut();
    await tick();
    this.#check();
  }

  /** Makes the user a member, lets every device catch up, and gives the revs that each has, and those that there are. */
  async end(): Promise<{ has: readonly number[]; all: readonly number[] }[]> {
    await this.#setMember('r', false);
    const ends: { has: readonly number[]; all: readonly number[] }[] = [];
    const query = { topic: this.#topic, userId: this.#user, isGranted: true, before: null, limit: 10_000 };
    for (const client of this.clients) {
      client.connection?.flow();
      for (const world of this.#worlds) await world.settle();
      client.take(() => {});
      // A client that was sent away, or has never followed the room, begins anew.
      client.connection?.cut();
      await client.connect();
      await until(
        () => (client.connection?.of('ping').length ?? 0) + (client.connection?.of('synced').length ?? 0) > 0,
      );
      await this.#say(1);
      const all = (await store.roomEvents(query)).events.map(({ rev }) => rev).reverse();
      for (const end = Date.now() + 40_000; client.revs.at(-1) !== all.at(-1) && Date.now() < end; ) {
        for (const world of this.#worlds) await world.settle();
        client.take(() => {});
      }
      this.#check();
      ends.push({ has: [...client.revs], all: all.filter((rev) => rev >= (client.revs[0] ?? 0)) });
    }
    return ends;
  }

  close(): void {
    for (const world of this.#worlds) {
      expect(world.unaccounted).toBe(0);
      world.end();
    }
  }

  async #say(times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      await store.commit([event(`${this.#topic}-${this.#said++}`, this.#topic)]);
    }
  }

  /** @param beside true to send an event in the same commit, behind it */
  async #setMember(access: RoomAccess | null, beside: boolean): Promise<void> {
    const more = beside ? [event(`${this.#topic}-${this.#said++}`, this.#topic)] : [];
    const [outcome] = await store.commit([member(this.#user, this.#topic, access), ...more]);
    if (outcome?.status === 'stored') this.#changes.push({ rev: outcome.rev, isMember: access !== null });
  }

  /** An event may be seen by who was a member at its rev, or has become one since: members read what there was. */
  #check(): void {
    for (const client of this.clients) {
      client.take((rev) => {
        const since = this.#changes.findLastIndex((change) => change.rev < rev);
        const mayBeSeen = this.#changes.slice(Math.max(0, since)).some(({ isMember }) => isMember);
        expect(mayBeSeen, `an event of rev ${rev}, of ${JSON.stringify(this.#changes)}`).toBe(true);
      });
    }
  }
}

describe.each(databases)('on $name', ({ fixture }) => {
  let made: StoreFixture;
  beforeAll(async () => {
    made = await fixture();
    store = made.make();
    await store.open();
    there = made.isShared ? made.make() : store;
    if (made.isShared) await there.open();
  });
  afterAll(async () => {
    await store.close();
    if (made.isShared) await there.close();
    await made.remove();
  });

  test('whoever loses the right gets nothing of the room from that rev on; whoever has it misses nothing', async () => {
    let plays = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, ...options }) => {
        const play = new Play(`${++plays}`, options);
        await play.begin();
        try {
          for (const next of steps) await play.play(next);
          for (const { has, all } of await play.end()) expect(has).toEqual(all);
        } finally {
          play.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

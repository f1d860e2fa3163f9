import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { anyFate, type Fate, FaultyBroker } from '../../testing/faulty-broker.ts';
import { ReferenceClient } from '../../testing/reference-client.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';
import { put } from '../../testing/temp-store.ts';
import { tick, World } from '../../testing/world.ts';
import type { Claims } from '../domain/identity.ts';
import type { Store } from '../domain/ports.ts';
import { inboxTopics, roleTopic, userTopic } from '../domain/topics.ts';
import type { Mark, PutWrite, Write } from '../domain/writes.ts';

let store: Store;
/** Another process's on the same database, where there can be one. */
let there: Store;

const device = fc.nat(1);
const note = fc.nat(20);
type Change = 'edit' | 'ask' | 'expire' | 'retract' | 'recategorize';
type Step =
  | { do: 'publish'; to: number; category: string }
  | { do: Change; note: number }
  | { do: 'mark'; mark: Mark; note: number }
  | { do: 'read all' }
  | { do: 'roles'; roles: string[]; by: 'back end' | 'token' | 'old token'; at: number }
  | { do: 'stall'; device: number; bytes: number }
  | { do: 'flow' | 'cut' | 'wait'; device: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('publish'), to: fc.nat(3), category: fc.constantFrom('', 'x', 'y') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('edit', 'ask', 'expire', 'retract', 'recategorize'), note }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('mark'), mark: fc.constantFrom('read', 'unread', 'archive'), note }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read all') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ do: fc.constant('roles'), roles: fc.subarray(['a', 'b']), at: device },
      by: fc.constantFrom('back end', 'token', 'old token'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall'), device, bytes: fc.nat(1_500) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flow', 'cut', 'wait'), device }) },
) as fc.Arbitrary<Step>;

const scenario = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  fates: fc.array(anyFate, { minLength: 1, maxLength: 4 }),
  pageSize: fc.integer({ min: 1, max: 10 }),
  holdFrames: fc.integer({ min: 2, max: 20 }),
});

/** A user with two devices, each at a node of its own; the broker of one of the nodes is faulty. */
class Play {
  readonly worlds: readonly World[];
  readonly clients: readonly ReferenceClient[];
  readonly #user: string;
  readonly #topics: readonly string[];
  readonly #notes: { id: string; topic: string; category: string; gone: boolean }[] = [];
  readonly #underWay: Promise<unknown>[] = [];

  constructor(user: string, { pageSize, holdFrames, fates }: { pageSize: number; holdFrames: number; fates: Fate[] }) {
    const limits = { pageSize, holdFrames, recent: 10_000, pingIntervalMs: 0 };
    this.worlds = [new World(store, { limits }), new World(there, { limits, broker: new FaultyBroker(fates) })];
    this.clients = this.worlds.map((world) => new ReferenceClient(world, `/ws/?user=${user}`));
    this.#user = user;
    const roles = ['always', 'a', 'b'].map((name) => roleTopic(this.#role(name)));
    this.#topics = [userTopic(user), ...roles];
  }

  async begin(): Promise<void> {
    const head = await store.head();
    for (const world of this.worlds) world.hub.start(head);
    await this.worlds[0]?.roles.set(this.#user, [this.#role('always')]);
    for (const n of [0, 1]) await this.#connect(n);
  }

  /** Connects and lets it catch up; what the broker lost is noticed each second, which is at once here. */
  async #connect(n: number): Promise<ReferenceClient> {
    const [world, client] = [this.worlds[n] as World, this.clients[n] as ReferenceClient];
    if (!client.isUp) await client.connect();
    for (const end = Date.now() + 40_000; client.isUp && !client.isSynced && Date.now() < end; ) {
      await world.hub.compare();
      await tick();
    }
    return client;
  }

  async play(next: Step): Promise<void> {
    if (next.do === 'publish') this.#publish(this.#topics[next.to] as string, next.category);
    else if (next.do === 'mark') this.#mark(next.mark, next.note);
    else if (next.do === 'read all') this.#write(this.#receipt('read', [], Number.MAX_SAFE_INTEGER));
    else if (next.do === 'roles') this.#roles(next);
    else if ('note' in next) this.#change(next.do, next.note);
    else await this.#line(next);
    await tick();
  }

  /** The user's inbox in the store, when all is quiet. */
  async truth() {
    const roles = (await store.user(this.#user))?.roles ?? [];
    const topics = inboxTopics({ id: this.#user, roles });
    const { unread, categories } = await store.counts(this.#user);
    const { items } = await store.inbox({
      ...{ userId: this.#user, topics, before: null, limit: 10_000, view: 'inbox', unread: null, category: null },
      ...{ type: null, since: null, until: null, text: null },
    });
    const list = items.map(({ id, receipt }) => ({ id, read: receipt !== null && receipt.read_at !== null }));
    return { list, unread, categories };
  }

  /** Waits until each device shows what is there, which takes a moment where counts are asked for; tells what it shows then. */
  async settle(): Promise<object[]> {
    await Promise.all(this.#underWay);
    const expected = await this.truth();
    const shown = this.clients.map((client) => () => {
      client.connection?.flow();
      client.apply();
      const list = client.list.map(({ id, read }) => ({ id, read }));
      return { list, unread: client.count, categories: client.categories };
    });
    // All at the same moment: what one has yet to be told may still come while another is looked at.
    for (const end = Date.now() + 5_000; ; ) {
      for (const [n, show] of shown.entries()) {
        show();
        await this.#connect(n);
        await this.worlds[n]?.settle();
      }
      const now = shown.map((show) => show());
      if (now.every((one) => isDeepStrictEqual(one, expected)) || Date.now() > end) return now;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  end(): void {
    for (const world of this.worlds) {
      expect(world.unaccounted).toBe(0);
      world.end();
    }
  }

  #role = (name: string): string => `${name}-${this.#user}`;

  #write(...writes: Write[]): void {
    this.#underWay.push(store.commit(writes));
  }

  #publish(topic: string, category: string): void {
    const one = { id: `${this.#user}-n${this.#notes.length}`, topic, category, gone: false };
    this.#notes.push(one);
    this.#write(this.#record(one, {}));
  }

  #record(one: { id: string; topic: string; category: string }, over: Partial<PutWrite>): PutWrite {
    const { id, topic, category } = one;
    const body = {
      ...{ type: 'user_message', id, timestamp: new Date().toISOString(), message: id, data: {} },
      ...(topic === userTopic(this.#user) ? {} : { topic }),
      ...(category === '' ? {} : { category }),
      ...(over.expired ? { expired: true } : {}),
    };
    return put({
      id,
      topics: [topic],
      category,
      body: JSON.stringify(body),
      expect: undefined,
      at: Date.now(),
      ...over,
    });
  }

  #change(change: Change, n: number): void {
    const one = this.#notes[n % Math.max(1, this.#notes.length)];
    if (!one || one.gone) return;
    if (change === 'recategorize') one.category = one.category === 'x' ? '' : 'x';
    if (change === 'retract') {
      one.gone = true;
      const body = { type: 'retracted', id: one.id, timestamp: new Date().toISOString(), data: {} };
      const over = { kind: 'retracted', alert: 'never', category: '', body: JSON.stringify(body) } as const;
      this.#write(this.#record(one, over));
      return;
    }
    const expired = change === 'expire';
    // Nothing asks again but what a newer one with its collapse text renews.
    const renewal = { alert: 'ask', collapse: one.id } as const;
    this.#write(this.#record(one, { ...(change === 'ask' ? renewal : { alert: 'keep' }), expired }));
  }

  #mark(mark: Mark, n: number): void {
    const one = this.#notes[n % Math.max(1, this.#notes.length)];
    if (one) this.#write(this.#receipt(mark, [one.id], null));
  }

  #receipt(mark: Mark, ids: string[], upTo: number | null): Write {
    const topics = this.#topics;
    return { op: 'receipt', userId: this.#user, topics, ids, upTo, mark, until: null, at: Date.now() };
  }

  #roles({ roles, by, at }: Extract<Step, { do: 'roles' }>): void {
    const { roles: directory } = this.worlds[at] as World;
    const names = ['always', ...roles].map(this.#role);
    if (by === 'back end') this.#underWay.push(directory.set(this.#user, names));
    else this.#underWay.push(directory.accept(this.#claims(names, by === 'token' ? Date.now() : 500)));
  }

  #claims(roles: string[], issuedAt: number): Claims {
    const id = this.#user;
    return {
      id,
      username: id,
      roles,
      grants: [],
      expiresAt: null,
      issuedAt,
      isDated: true,
      tokenId: `t${issuedAt}`,
      isEvidence: true,
    };
  }

  async #line(next: Extract<Step, { device: number }>): Promise<void> {
    const client = this.clients[next.device] as ReferenceClient;
    if (!client.isUp) {
      client.apply();
      await client.connect();
    }
    if (next.do === 'stall') client.connection?.stall(next.bytes);
    else if (next.do === 'flow') client.connection?.flow();
    else if (next.do === 'cut') client.connection?.cut();
    else await store.head();
  }
}

/** A notification that is edited before it came, at a device that then has to reconnect. */
const overtaken = {
  steps: [
    { do: 'publish', to: 0, category: '' },
    { do: 'mark', mark: 'read', note: 0 },
    { do: 'roles', roles: ['a'], at: 0, by: 'token' },
    { do: 'publish', to: 0, category: '' },
    { do: 'edit', note: 0 },
    { do: 'publish', to: 0, category: '' },
  ] satisfies Step[],
  ...{ fates: [{ after: 0, times: 0 }], pageSize: 1, holdFrames: 2 },
};

/** A notification that is read and asks again just before its topic is joined: its receipt may come after it. */
const readBefore = {
  steps: [
    { do: 'publish', to: 3, category: '' },
    { do: 'mark', mark: 'read', note: 0 },
    { do: 'ask', note: 0 },
    { do: 'roles', roles: ['a', 'b'], at: 1, by: 'back end' },
  ] satisfies Step[],
  ...{ fates: [{ after: 0, times: 0 }], pageSize: 1, holdFrames: 2 },
};

let users = 0;

describe.each(databases)('on $name', ({ name, fixture }) => {
  let made: StoreFixture;
  beforeAll(async () => {
    made = await fixture();
    store = made.make();
    await store.open();
    there = made.isShared ? made.make() : store;
    if (there !== store) await there.open();
  });
  afterAll(async () => {
    await store.close();
    if (there !== store) await there.close();
    await made.remove();
  });

  test('whatever happens to roles and notifications, on whichever node, each device ends with the list and the badge of the store', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, ...options }) => {
        const play = new Play(`p${++users}`, options);
        await play.begin();
        for (const next of steps) await play.play(next);
        const shown = await play.settle();
        const truth = await play.truth();
        expect(shown).toEqual([truth, truth]);
        for (const client of play.clients) {
          expect([client.disorder, client.strangers, client.unrecovered]).toEqual([[], [], 0]);
        }
        play.end();
      }),
      { numRuns: name === 'SQLite' ? 150 : 40, examples: [[overtaken], [readBefore], [readBefore], [readBefore]] },
    );
  }, 120_000);
});

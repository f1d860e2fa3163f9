import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fate, FaultyBroker } from '../../testing/faulty-broker.ts';
import { storeForFile } from '../../testing/file-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { put } from '../../testing/temp-store.ts';
import { until } from '../../testing/world.ts';
import type { Clock, Store } from '../domain/ports.ts';
import type { Head } from '../domain/store/history.ts';
import type { Batch, Change } from '../domain/writes.ts';
import { systemClock } from '../jobs/system-clock.ts';
import { Counters } from '../telemetry/counters.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { Hub, type Subscriber } from './hub.ts';
import type { SharedFrame } from './shared-frame.ts';

class Listener implements Subscriber {
  lastRev = 0;
  readonly revs: number[] = [];
  /** The cursor on each, but for the user's tag. */
  readonly cursors: string[] = [];
  turned = 0;
  deliver({ change, whole }: SharedFrame): void {
    this.lastRev = change.rev;
    this.revs.push(change.rev);
    this.cursors.push(/"cursor":"(.*):/.exec(whole.text)?.[1] ?? '');
  }
  historyChanged(): void {
    this.turned++;
  }
}

const store = storeForFile();

interface HubParts {
  broker: FaultyBroker;
  clock: Pick<Clock, 'after'>;
  holdLimit?: number;
}

function hubOver(source: Pick<Store, 'head' | 'range'>, { broker, clock, holdLimit = 1_000 }: HubParts) {
  const told: TelemetryEvent[] = [];
  const telemetry = { emit: (event: TelemetryEvent) => void told.push(event) };
  return {
    told,
    hub: new Hub({ store: source, broker, clock, telemetry, counters: new Counters(), gapMs: 1, holdLimit }),
  };
}

const fate: fc.Arbitrary<Fate> = fc.record({
  after: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
  times: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.nat(2)),
});
const plan = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 8 }),
  commits: fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), topic: fc.nat(2) }), {
    minLength: 1,
    maxLength: 15,
  }),
  holdLimit: fc.constantFrom(1, 3, 1_000),
});

test('whatever the broker loses, repeats, turns round or delays: each change is heard once, in rev order, none missing', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ fates, commits, holdLimit }) => {
      const broker = new FaultyBroker(fates);
      let listening = true;
      store.onBatch((batch) => listening && broker.publish(batch));
      const { hub } = hubOver(store, { broker, clock: systemClock, holdLimit });
      hub.start(await store.head());
      const topics = [['a'], ['a', 'b'], ['c', 'b']];
      const listeners = ['a', 'b', 'c'].map((topic) => {
        const listener = new Listener();
        hub.join(topic, listener);
        return { topic, listener, expected: [] as number[] };
      });
      const both = new Listener();
      for (const topic of ['a', 'b']) hub.join(topic, both);
      const all: number[] = [];
      const stored = await Promise.all(
        commits.map(({ size, topic }) =>
          store.commit(Array.from({ length: size }, () => put({ topics: topics[topic] as string[] }))),
        ),
      );
      for (const [n, outcomes] of stored.entries()) {
        const revs = outcomes.map((outcome) => (outcome as { rev: number }).rev);
        const heardBy = topics[commits[n]?.topic as number] as string[];
        for (const one of listeners) if (heardBy.includes(one.topic)) one.expected.push(...revs);
        if (heardBy.some((topic) => topic === 'a' || topic === 'b')) all.push(...revs);
      }
      await hub.compare();
      await hub.reached((await store.head()).head);
      hub.stop();
      listening = false;
      const inOrder = (revs: number[]) => [...revs].sort((a, b) => a - b);
      for (const { listener, expected } of listeners) expect(listener.revs).toEqual(inOrder(expected));
      expect(both.revs).toEqual(inOrder(all));
    }),
    { numRuns: 200 },
  );
});

const change = (rev: number): Change => ({
  ...{
    rev,
    id: `r${rev}`,
    kind: 'notification',
    topics: ['a'],
    viewers: null,
    alertRev: 0,
    recount: false,
    body: '{"type":"x"}',
  },
});
const batch = (from: number, to = from, term = 't'): Batch => {
  const changes = Array.from({ length: to - from + 1 }, (_, i) => change(from + i));
  return { term, from, to, changes };
};

/** A store as far as a hub asks it: revs up to `head`, of which some have moved on. */
function pretend(at: { head: number; term: string; termFrom: number; moved?: number[]; fails?: boolean }) {
  const asked: [number, number][] = [];
  const source = {
    head: async () => ({ ...at, floor: 0 }) as Head & { termFrom: number },
    async range(from: number, to: number) {
      if (at.fails) throw new Error('the disk is away');
      asked.push([from, to]);
      const all = batch(from, to).changes;
      const termAt = (rev: number) => (rev < at.termFrom ? 't' : at.term);
      return { upTo: Math.min(to, at.head), termAt, changes: all.filter(({ rev }) => !at.moved?.includes(rev)) };
    },
  };
  const broker = new FaultyBroker([{ after: 0, times: 1 }]);
  const clock = new ManualClock();
  const { hub, told } = hubOver(source, { broker, clock });
  hub.start({ term: 't', head: 0, floor: 0 });
  const listener = new Listener();
  hub.join('a', listener);
  return { at, asked, broker, clock, hub, told, listener };
}

test('holds what came early and releases it behind what was late, without asking the store', async () => {
  const { broker, clock, listener, asked } = pretend({ head: 4, term: 't', termFrom: 1 });
  for (const from of [3, 4, 2]) broker.bring(batch(from));
  expect(listener.revs).toEqual([]);
  broker.bring(batch(1));
  expect(listener.revs).toEqual([1, 2, 3, 4]);
  await clock.advance(1);
  expect(asked).toEqual([]);
});

test('fills a gap from the store, which may hold fewer records than revs', async () => {
  const { broker, clock, listener, asked, hub } = pretend({ head: 5, term: 't', termFrom: 1, moved: [2] });
  broker.bring(batch(5));
  await clock.advance(1);
  await hub.reached(5);
  expect(asked).toEqual([[1, 4]]);
  expect(listener.revs).toEqual([1, 3, 4, 5]);
  broker.bring(batch(3, 5));
  expect(listener.revs).toEqual([1, 3, 4, 5]);
});

test('finds a batch that nobody published by comparing with the head', async () => {
  const { clock, hub, listener } = pretend({ head: 2, term: 't', termFrom: 1 });
  await hub.compare();
  await clock.advance(1);
  await hub.reached(2);
  expect(listener.revs).toEqual([1, 2]);
});

const committed = (from: number, to = from, term = 't') => ({ kind: 'committed', term, from, to }) as const;

test('reads what other nodes committed at once on a hint; many hints that come during a read take one more', async () => {
  const { broker, listener, asked, hub } = pretend({ head: 50, term: 't', termFrom: 1 });
  for (let rev = 1; rev <= 50; rev++) broker.hint(committed(rev));
  for (let rev = 1; rev <= 50; rev++) broker.hint(committed(rev));
  await hub.reached(50);
  expect(asked).toEqual([
    [1, 1],
    [2, 50],
  ]);
  expect(listener.revs).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

test('releases an own batch that came early behind what a hint had it read', async () => {
  const { broker, listener, asked, hub } = pretend({ head: 4, term: 't', termFrom: 1 });
  broker.bring(batch(3, 4));
  broker.hint(committed(1, 2));
  await hub.reached(4);
  expect(asked).toEqual([[1, 2]]);
  expect(listener.revs).toEqual([1, 2, 3, 4]);
  broker.hint(committed(1, 4));
  expect(asked).toHaveLength(1);
});

test('compares with the store where hints may have been missed, or name a term it does not know', async () => {
  const { broker, listener, clock, hub, at } = pretend({ head: 2, term: 't', termFrom: 1 });
  broker.hint({ kind: 'missed' });
  await clock.advance(1);
  await hub.reached(2);
  expect(listener.revs).toEqual([1, 2]);
  Object.assign(at, { term: 'u', termFrom: 3, head: 4 });
  broker.hint(committed(4, 4, 'u'));
  await clock.advance(1);
  await hub.reached(4);
  expect(listener.cursors).toEqual(['t:1', 't:2', 'u:3', 'u:4']);
});

test('passes over no rev that a server which lags behind does not have yet', async () => {
  const { broker, listener, clock, hub, at } = pretend({ head: 1, term: 't', termFrom: 1 });
  broker.hint(committed(1, 3));
  await hub.reached(1);
  at.head = 3;
  await hub.compare();
  await clock.advance(1);
  await hub.reached(3);
  expect(listener.revs).toEqual([1, 2, 3]);
});

test('reads a long gap in parts', async () => {
  const { clock, hub, listener, asked } = pretend({ head: 2_500, term: 't', termFrom: 1 });
  await hub.compare();
  await clock.advance(1);
  await hub.reached(2_500);
  expect(asked).toEqual([
    [1, 1_000],
    [1_001, 2_000],
    [2_001, 2_500],
  ]);
  expect(listener.revs).toHaveLength(2_500);
});

test('goes on after the store could not be read', async () => {
  const { clock, hub, at, told, listener } = pretend({ head: 1, term: 't', termFrom: 1, fails: true });
  await hub.compare();
  await clock.advance(1);
  await until(() => told.some(({ type }) => type === 'failure'));
  at.fails = false;
  await hub.compare();
  await clock.advance(1);
  await hub.reached(1);
  expect(listener.revs).toEqual([1]);
});

test('tells those who hear of a term that starts at or below what was released, however late its first batch is noticed', async () => {
  const { hub, at, broker, listener, told } = pretend({ head: 3, term: 't', termFrom: 1 });
  broker.bring(batch(1, 3));
  Object.assign(at, { term: 'u', termFrom: 3, head: 6 });
  broker.bring(batch(6, 6, 'u'));
  await until(() => listener.turned === 1);
  expect(told).toContainEqual({ type: 'history_changed', term: 'u', from: 3, released: 3 });
  expect(hub.position).toEqual({ term: 'u', rev: 6 });
  expect(listener.revs).toEqual([1, 2, 3]);
});

test('goes on where a new term starts past what was released', async () => {
  const { clock, hub, at, broker, listener } = pretend({ head: 3, term: 't', termFrom: 1 });
  broker.bring(batch(1, 3));
  Object.assign(at, { term: 'u', termFrom: 5, head: 6 });
  broker.bring(batch(6, 6, 'u'));
  await clock.advance(1);
  await hub.reached(6);
  expect(listener).toMatchObject({ turned: 0, revs: [1, 2, 3, 4, 5, 6] });
  expect(listener.cursors).toEqual(['t:1', 't:2', 't:3', 't:4', 'u:5', 'u:6']);
  expect(hub.position).toEqual({ term: 'u', rev: 6 });
});

test('names the term that what was released belongs to, as long as the first revs of a newer one are on their way', async () => {
  const { hub, at, broker } = pretend({ head: 3, term: 't', termFrom: 1 });
  broker.bring(batch(1, 3));
  Object.assign(at, { term: 'u', termFrom: 5, head: 6, fails: true });
  await hub.compare();
  expect(hub.position).toEqual({ term: 't', rev: 3 });
});

test('passes over a batch of an earlier term that comes late', async () => {
  const { hub, broker, listener } = pretend({ head: 3, term: 't', termFrom: 2 });
  broker.bring(batch(1, 3));
  broker.bring(batch(1, 2, 'earlier'));
  await hub.compare();
  expect(listener).toMatchObject({ turned: 0, revs: [1, 2, 3] });
  expect(hub.position).toEqual({ term: 't', rev: 3 });
});

import { describe, expect, test } from 'vitest';
import { key, type OpenStore, page } from '../../testing/store-fixture.ts';
import { StorePerson } from '../../testing/store-person.ts';
import { put, rights } from '../../testing/temp-store.ts';
import type { Store } from '../domain/ports.ts';
import type { PutWrite } from '../domain/writes.ts';
import { Retention } from '../jobs/retention.ts';

const day = 86_400_000;

/** A retraction at a time. */
const gone = (id: string, at: number, topics = ['user:1']): PutWrite => {
  const body = `{"type":"retracted","id":"${id}"}`;
  return put({ id, kind: 'retracted', alert: 'never', expect: undefined, type: null, at, topics, body });
};

const recovers = async (store: Store, cursor: { term: string; rev: number }): Promise<boolean> =>
  (await store.changesSince(page({ after: cursor.rev, cursor }))).recovered;

/** Background work: retention and the floor, revocations, names of the past. */
export function upkeepContract(start: OpenStore): void {
  describe('upkeep', () => {
    test.concurrent('tells retractions until they are forgotten; then the floor is above them, and older cursors begin anew', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      const { term } = await store.head();
      await store.commit(['a', 'b', 'c', 'd'].map((id) => put({ id })));
      await ann.mark('read', ['a', 'b', 'c']);
      for (const [i, id] of ['a', 'b', 'c'].entries()) await store.commit([gone(id, 1_000 * (i + 1))]);
      expect((await ann.since(4)).map(({ type }) => type)).toEqual(['receipts', 'retracted', 'retracted', 'retracted']);
      expect(await recovers(store, { term, rev: 4 })).toBe(true);
      expect(await store.forgetRetractions(3_000, 1)).toBe(1);
      expect(await store.head()).toMatchObject({ head: 8, floor: 6 });
      expect(await recovers(store, { term, rev: 5 })).toBe(false);
      expect(await recovers(store, { term, rev: 6 })).toBe(true);
      expect((await ann.since(6)).map(({ id, type }) => [id, type])).toEqual([
        ['b', 'retracted'],
        ['c', 'retracted'],
      ]);
      expect(await store.forgetRetractions(3_000, 10)).toBe(1);
      expect(await store.forgetRetractions(3_000, 10)).toBe(0);
      expect(await store.head()).toMatchObject({ floor: 7 });
      expect(await recovers(store, { term, rev: 6 })).toBe(false);
      expect(await recovers(store, { term, rev: 7 })).toBe(true);
      expect([await store.record('a'), await store.record('b')]).toEqual([null, null]);
      expect(await ann.list()).toEqual(['d']);
      expect(await ann.unread()).toBe(1);
      const page = await store.changesSince({
        ...{ userId: '1', topics: ann.topics, after: 3, cursor: { term, rev: 3 }, limit: 10 },
      });
      expect(page).toMatchObject({ recovered: false, changes: [], floor: 7, counts: { unread: 1 } });
    });

    test.concurrent('retracts what is too old or too much, in steps, and leaves what others hear too', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', [])]);
      const [ann, bob] = [new StorePerson(store, '1'), new StorePerson(store, '2')];
      const retention = new Retention(store, { age: 10 * day, perTopic: 5, retractions: 20 * day, keys: day });
      for (let n = 1; n <= 8; n++) {
        const at = n * day;
        await store.commit([put({ id: `p${n}`, at }), put({ id: `e${n}`, at, topics: ['everyone'] })]);
      }
      await store.commit([put({ id: 'both', at: 8 * day, topics: ['user:1', 'user:2'] })]);
      await store.commit([put({ id: 'of-2', at: 8 * day, topics: ['user:2'] })]);
      for (let n = 0; n < 4; n++) await retention.step(9 * day);
      const kept = [8, 7, 6, 5].flatMap((n) => [`e${n}`, `p${n}`]);
      expect(await ann.list({ limit: 20 })).toEqual(['both', ...kept, 'e4']);
      expect(await ann.unread()).toBe(10);
      expect(await bob.unread()).toBe(7);
      for (let n = 0; n < 4; n++) await retention.step(17 * day);
      expect(await ann.list({ limit: 20 })).toEqual(['both', 'e8', 'p8']);
      expect(await ann.unread()).toBe(3);
      expect((await ann.since(0)).filter(({ type }) => type === 'retracted').length).toBe(14);
      for (let n = 0; n < 4; n++) await retention.step(50 * day);
      expect([await ann.list(), await ann.unread(), await bob.unread()]).toEqual([[], 0, 0]);
      for (let n = 0; n < 4; n++) await retention.step(90 * day);
      expect((await ann.since(0)).filter(({ type }) => type === 'retracted')).toEqual([]);
      const { head, floor } = await store.head();
      expect(floor).toBe(head);
    });

    test.concurrent('forgets idempotency keys of before a time, and no others', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const keyed = (n: number) => put({ id: `n${n}`, at: n * 1_000, key: key(`k${n}`) });
      await store.commit([1, 2, 3].map(keyed));
      await store.forgetKeys(2_000, 10);
      const again = [1, 2, 3].map((n) => put({ id: `again${n}`, at: 4_000, key: key(`k${n}`) }));
      expect((await store.commit(again)).map(({ status }) => status)).toEqual(['stored', 'duplicate', 'duplicate']);
      await store.forgetKeys(4_000, 1);
      await store.forgetKeys(4_000, 1);
      const third = [1, 2, 3].map((n) => put({ id: `third${n}`, key: key(`k${n}`) }));
      expect((await store.commit(third)).map(({ status }) => status)).toEqual(['duplicate', 'stored', 'stored']);
    });

    test.concurrent('tells every node what was revoked since, in order and once', async ({ onTestFinished }) => {
      const { store, another, again } = await start(onTestFinished);
      const other = await another();
      expect(await store.revocations(0)).toEqual({ items: [], upTo: 0 });
      const revoke = (n: number) =>
        (n % 2 ? store : other).revoke({ kind: 'token', value: `jti-${n}`, reason: `lost "${n}" 🔑`, at: n });
      await Promise.all(Array.from({ length: 10 }, (_, n) => revoke(n)));
      const first = await other.revocations(0);
      expect(first.items.map(({ value }) => value).sort()).toEqual(Array.from({ length: 10 }, (_, n) => `jti-${n}`));
      await store.revoke({ kind: 'disconnect_user', value: '7', reason: '', at: 99 });
      expect(await other.revocations(first.upTo)).toMatchObject({
        items: [{ kind: 'disconnect_user', value: '7', reason: '', at: 99 }],
      });
      const restarted = await again();
      expect((await restarted.revocations(0)).items).toHaveLength(11);
      expect((await restarted.revocations(first.upTo)).items).toHaveLength(1);
    });

    test.concurrent('knows what rev had been reached at a time, to the minute', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      for (let n = 0; n < 6; n++) await store.commit([put({ at: 100_000 + 40_000 * n })]);
      const at = async (ms: number) => store.revAt(ms);
      expect(await at(99_999)).toBe(0);
      for (const [i, ms] of [100_000, 140_000, 180_000, 220_000, 260_000, 300_000].entries()) {
        const rev = await at(ms);
        expect(rev, `${ms}`).toBeLessThanOrEqual(i + 1);
        expect(rev, `${ms}`).toBeGreaterThanOrEqual(i);
      }
      expect(await at(10_000_000)).toBeGreaterThanOrEqual(5);
    });
  });
}

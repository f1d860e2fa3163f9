import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import { put } from '../../testing/temp-store.ts';
import type { StoredIncident } from '../domain/store/health.ts';
import { canaryWrite } from '../health/canary/record.ts';

const time = (ms: number) => new Date(ms).toISOString();

/** An incident that goes on, or is as `over` says. */
const incident = (id: string, over: Partial<StoredIncident> = {}): StoredIncident => ({
  ...{ id, node: 'n1', component: 'disk', state: 'degraded', reasons: ['little "room" \u0000 🦉'] },
  ...{ started_at: time(5_000), ended_at: null, ended_by: null, seenAt: 7_000 },
  ...over,
});
const over = (id: string, more: Partial<StoredIncident> = {}) =>
  incident(id, { ended_at: time(6_000), ended_by: 'recovery', ...more });

/** Incidents, and the records of canaries. */
export function healthContract(start: OpenStore): void {
  describe('incidents', () => {
    test.concurrent('are read as each node last wrote them, the newest first, after a restart and on another node too', async ({
      onTestFinished,
    }) => {
      const { store, another, again } = await start(onTestFinished);
      await store.putIncidents([incident('a'), over('b', { node: 'n2' })], 500);
      const changed = incident('a', { state: 'down', reasons: ['little room', 'no room'], seenAt: 8_000 });
      await store.putIncidents([changed, incident('c')], 500);
      const expected = [incident('c'), over('b', { node: 'n2' }), changed];
      expect(await store.incidents(10)).toEqual(expected);
      expect(await (await another()).incidents(10)).toEqual(expected);
      expect(await (await again()).incidents(10)).toEqual(expected);
    });

    test.concurrent('that go on are read however many are newer, and are never forgotten', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.putIncidents([incident('open')], 3);
      for (let n = 0; n < 10; n++) await store.putIncidents([over(`over-${n}`)], 3);
      const ids = async (newest: number) => (await store.incidents(newest)).map(({ id }) => id);
      expect(await ids(2)).toEqual(['over-9', 'over-8', 'open']);
      expect(await ids(100)).toEqual(['over-9', 'over-8', 'over-7', 'open']);
      await store.putIncidents([over('open')], 3);
      expect(await ids(100)).toEqual(['over-9', 'over-8', 'over-7']);
    });

    test.concurrent('are ended by a restart where their node has not written since, once, and go on if it writes again', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.putIncidents([incident('a'), over('b')], 500);
      const found = async () => (await store.incidents(10)).find(({ id }) => id === 'a');
      expect(await store.endIncident('a', 6_999)).toBe(false);
      expect(await store.endIncident('b', 7_000)).toBe(false);
      expect(await found()).toMatchObject({ ended_at: null });
      expect([await store.endIncident('a', 7_000), await store.endIncident('a', 7_000)]).toEqual([true, false]);
      expect(await found()).toMatchObject({ ended_at: time(7_000), ended_by: 'restart' });
      await store.putIncidents([incident('a', { seenAt: 9_000 })], 500);
      expect(await found()).toMatchObject({ ended_at: null, ended_by: null, seenAt: 9_000 });
    });

    test.concurrent('of many nodes that write at once are all stored', async ({ onTestFinished }) => {
      const { store, another } = await start(onTestFinished);
      const other = await another();
      const ids = Array.from({ length: 20 }, (_, n) => `i${n}`);
      await Promise.all(ids.map((id, n) => [store, other][n % 2]?.putIncidents([incident(id)], 500)));
      expect((await store.incidents(100)).map(({ id }) => id).sort()).toEqual(ids.sort());
    });
  });

  describe('the records of canaries', () => {
    test.concurrent('are one for each node, and go where they are as they were', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const beat = (node: string, n: number) => store.commit([canaryWrite({ node, beat: n })]);
      await beat('n1', 1);
      await beat('n2', 1);
      await store.commit([put({ id: 'kept' })]);
      await beat('n1', 2);
      const found = await store.canaryRecords();
      expect(found.sort((a, b) => a.rev - b.rev)).toEqual([
        { id: 'canary:n2', rev: 2 },
        { id: 'canary:n1', rev: 4 },
      ]);
      await beat('n1', 3);
      await store.removeCanaryRecords([...found, { id: 'kept', rev: 3 }]);
      expect(await store.canaryRecords()).toEqual([{ id: 'canary:n1', rev: 5 }]);
      expect((await store.range(1, 5)).changes.map(({ id }) => id)).toEqual(['kept', 'canary:n1']);
      // One that was removed is stored anew.
      expect(await beat('n2', 2)).toMatchObject([{ status: 'stored', rev: 6 }]);
      expect(await store.canaryRecords()).toHaveLength(2);
    });
  });
}

import { describe, expect, test } from 'vitest';
import { type OpenStore, revOf } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { put, rights } from '../../testing/temp-store.ts';
import type { Change } from '../domain/writes.ts';

const minutes = (n: number): number => 60_000 * n;
const toStaff = (id: string, at = 0) => put({ id, at, topics: ['role:staff'], category: 'staff' });

/** The members of shared topics, since when, and until when. */
export function rightsContract(start: OpenStore): void {
  describe('rights', () => {
    test.concurrent('what is for a role or everyone is seen by nobody who was not said to hear it', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([toStaff('s'), put({ id: 'e', topics: ['everyone'] })]);
      const ann = new StorePerson(store, '1', ['staff']);
      const sees = async () => [await ann.unread(), await ann.list(), (await ann.since(0)).map(({ id }) => id)];
      const current = async () => (await store.topicSnapshot(ann.topics, 10, '1')).changes.map(({ id }) => id);
      expect(await sees()).toEqual([0, [], []]);
      expect(await current()).toEqual([]);
      expect(await ann.mark('read', ['s', 'e'])).toEqual({ status: 'unchanged', missing: ['s', 'e'] });
      await store.commit([rights('1', [])]);
      expect(await sees()).toEqual([1, ['e'], ['e', 'audience:everyone']]);
      expect(await current()).toEqual(['e']);
      expect(await ann.mark('read', ['s', 'e'])).toMatchObject({ marked: 1, missing: ['s'] });
    });

    test.concurrent('gaining and losing a role are told with the counts they leave, live, in a range and on catching up', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', []), put({ id: 'own', category: 'own' })]);
      await store.commit([toStaff('a'), toStaff('b')]);
      const { head } = await store.head();
      const ann = new StorePerson(store, '1', ['staff']);
      const told = async (outcome: unknown, expected: object) => {
        const rev = revOf(outcome as never);
        const live = batches.at(-1)?.changes as Change[];
        expect(live).toMatchObject([{ rev, kind: 'membership', topics: ['user:1', 'rights'] }]);
        const frame = { id: 'audience:role:staff', topic: 'role:staff', as_of: rev, ...expected };
        expect(frameOf(live[0] as Change)).toMatchObject(frame);
        expect((await store.range(rev, rev)).changes.map(frameOf)).toMatchObject([frame]);
        const missed = (await ann.since(head)).filter(({ kind }) => kind === 'membership');
        expect(missed.map(frameOf)).toMatchObject([frame]);
      };
      const [gained] = await store.commit([rights('1', ['staff'], { issuedAt: 2_000 })]);
      await told(gained, { type: 'topic_joined', unread_count: 3, categories: { own: 1, staff: 2 } });
      expect(await ann.counts()).toEqual({ unread: 3, categories: { own: 1, staff: 2 } });
      await ann.mark('read', 'a');
      await ann.mark('snooze', 'b', { until: 9_000 });
      const [lost] = await store.commit([rights('1', [], { issuedAt: 3_000 })]);
      await told(lost, { type: 'topic_left', unread_count: 1, categories: { own: 1 } });
      expect(await ann.counts()).toEqual({ unread: 1, categories: { own: 1 } });
      expect(await ann.list({ view: 'snoozed' })).toEqual([]);
      const found = await ann.since(0);
      expect(found.map(({ id }) => id)).toEqual(['audience:everyone', 'own', 'receipts:1', 'audience:role:staff']);
      expect(frameOf(found[2] as Change).returned).toBeUndefined();
    });

    test.concurrent('the newest evidence holds, whatever comes after it', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([toStaff('a')]);
      const ann = new StorePerson(store, '1', ['staff']);
      const says = async (roles: string[], issuedAt: number) => {
        const [outcome] = await store.commit([rights('1', roles, { issuedAt })]);
        return [outcome?.status, await ann.unread(), (await store.user('1'))?.roles];
      };
      expect(await says(['staff'], 5_000)).toEqual(['stored', 1, ['staff']]);
      expect(await says([], 4_999)).toEqual(['unchanged', 1, ['staff']]);
      expect(await says(['staff'], 6_000)).toEqual(['unchanged', 1, ['staff']]);
      expect(await says([], 5_500)).toEqual(['unchanged', 1, ['staff']]);
      expect(await says([], 6_000)).toEqual(['stored', 0, []]);
      expect(await says(['staff'], 7_000)).toEqual(['stored', 1, ['staff']]);
    });

    test.concurrent('a role that is new shows what is no older than the look-back, and what comes', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1', ['staff']);
      for (let n = 1; n <= 6; n++) await store.commit([toStaff(`m${n}`, minutes(n))]);
      await store.commit([rights('1', ['staff'], { visibleFrom: minutes(3), issuedAt: minutes(7), at: minutes(7) })]);
      const seen = ['m6', 'm5', 'm4'];
      expect(await ann.list()).toEqual(seen);
      expect(await ann.list({ text: null, type: 'user_message' })).toEqual(seen);
      expect(await ann.counts()).toEqual({ unread: 3, categories: { staff: 3 } });
      expect(await ann.mark('read', ['m3', 'm4'])).toMatchObject({ marked: 1, missing: ['m3'] });
      const ids = (changes: readonly { id: string; kind: string }[]) =>
        changes.filter(({ kind }) => kind === 'notification').map(({ id }) => id);
      expect(ids(await ann.since(0))).toEqual(['m4', 'm5', 'm6']);
      expect(ids((await store.topicSnapshot(['role:staff'], 10, '1')).changes)).toEqual(['m4', 'm5', 'm6']);
      const fresh = { userId: '1', topics: ann.topics, unread: 10, limit: 10 };
      expect(ids((await store.initialSnapshot(fresh)).changes)).toEqual(['m5', 'm6']);
      // An edit of what is older stays unseen; a renewal is news.
      const record = (await store.record('m2')) as { rev: number };
      await store.commit([put({ ...toStaff('m2', minutes(2)), alert: 'keep', expect: record.rev })]);
      expect(ids(await ann.since(0))).toEqual(['m4', 'm5', 'm6']);
      expect(await ann.unread()).toBe(2);
      await store.commit([put({ ...toStaff('m2', minutes(8)), expect: undefined })]);
      expect(await ann.list()).toEqual(['m2', ...seen]);
      expect(await ann.unread()).toBe(3);
    });

    test.concurrent('who was away from a role for less than the look-back sees all that was seen before, and who was longer does not', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const [ann, bob] = [new StorePerson(store, '1', ['staff']), new StorePerson(store, '2', ['staff'])];
      const say = (roles: string[], at: number) =>
        store.commit(['1', '2'].map((id) => rights(id, roles, { issuedAt: at, at, visibleFrom: at - minutes(10) })));
      for (let n = 1; n <= 3; n++) await store.commit([toStaff(`m${n}`, minutes(n))]);
      await say(['staff'], minutes(4));
      await ann.mark('read', 'm1');
      await say([], minutes(5));
      await store.commit([toStaff('away', minutes(6))]);
      expect(await ann.list()).toEqual([]);
      await store.commit([rights('1', ['staff'], { issuedAt: minutes(15), at: minutes(15), visibleFrom: minutes(5) })]);
      expect(await ann.list()).toEqual(['away', 'm3', 'm2', 'm1']);
      expect(await ann.list({ unread: true })).toEqual(['away', 'm3', 'm2']);
      for (let n = 16; n <= 18; n++) await store.commit([toStaff(`m${n}`, minutes(n))]);
      await store.commit([
        rights('2', ['staff'], { issuedAt: minutes(27), at: minutes(27), visibleFrom: minutes(17) }),
      ]);
      expect(await bob.list()).toEqual(['m18']);
      expect(await bob.unread()).toBe(1);
    });

    test.concurrent('many roles gained and lost at once are told each at a rev of its own, with the counts after all of them', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const roles = Array.from({ length: 40 }, (_, n) => `r${n}`);
      await store.commit(
        roles.map((role, n) => put({ id: role, topics: [`role:${role}`], category: n % 2 ? 'odd' : 'even' })),
      );
      const [first, second] = [roles.slice(0, 30), roles.slice(10)];
      await store.commit([rights('1', first)]);
      const { head } = await store.head();
      await store.commit([rights('1', second, { issuedAt: 2_000 })]);
      const { changes, from, to } = batches.at(-1) as (typeof batches)[number];
      expect([from, to]).toEqual([head + 1, head + 20]);
      expect(changes.map(({ rev }) => rev)).toEqual(Array.from({ length: 20 }, (_, n) => head + 1 + n));
      const frames = changes.map(frameOf);
      expect(frames.filter(({ type }) => type === 'topic_left')).toHaveLength(10);
      for (const frame of frames) {
        expect(frame).toMatchObject({ unread_count: 30, categories: { odd: 15, even: 15 }, as_of: to });
      }
      const ann = new StorePerson(store, '1', second);
      expect(await ann.counts()).toEqual({ unread: 30, categories: { odd: 15, even: 15 } });
      expect(await ann.list()).toEqual([...second].reverse());
    });

    test.concurrent('what one user hears says nothing of another', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff']), rights('2', [])]);
      await store.commit([
        toStaff('s'),
        put({ id: 'of-2', topics: ['user:2'] }),
        put({ id: 'e', topics: ['everyone'] }),
      ]);
      const [ann, bob] = [new StorePerson(store, '1', ['staff']), new StorePerson(store, '2', ['staff'])];
      await ann.mark('read', 's');
      await ann.readAll(1_000);
      expect(await bob.list()).toEqual(['e', 'of-2']);
      expect(await bob.unread()).toBe(2);
      expect(await ann.list()).toEqual(['e', 's']);
      // Topics that are another user's own are never asked for by the domain; a topic that was never joined is empty.
      const stranger = new StorePerson(store, '3', ['staff']);
      expect([await stranger.unread(), await stranger.list(), await stranger.since(0)]).toEqual([0, [], []]);
    });

    test.concurrent('a notification that came back from a snooze is not told to who has lost its role, nor what it says by now', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      await store.commit([toStaff('s')]);
      await ann.mark('snooze', 's', { until: 5_000 });
      const { head } = await store.head();
      await ann.mark('return', 's', { at: 6_000 });
      await store.commit([rights('1', [], { issuedAt: 2_000 })]);
      const secret = put({
        ...toStaff('s'),
        alert: 'keep',
        expect: undefined,
        body: '{"type":"x","id":"s","message":"secret"}',
      });
      await store.commit([secret]);
      const told = JSON.stringify([await ann.since(head), (await store.range(head + 1, head + 2)).changes]);
      expect(told).toContain('receipts:1');
      expect(told).not.toContain('secret');
    });
  });
}

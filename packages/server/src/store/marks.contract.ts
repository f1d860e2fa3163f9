import { describe, expect, test } from 'vitest';
import { type OpenStore, page, revOf } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { put, receipt, rights } from '../../testing/temp-store.ts';
import type { Change, Mark } from '../domain/writes.ts';

const at = (ms: number): string => new Date(ms).toISOString();

/** Marks of users on notifications, and the unread counts after them. */
export function marksContract(start: OpenStore): void {
  describe('marks', () => {
    test.concurrent('counts categories of any name: also of those that every object inherits', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
      for (const category of names) {
        await store.commit([put({ topics: ['user:1'], category }), put({ topics: ['role:staff'], category })]);
      }
      const { unread, categories } = await ann.counts();
      expect(unread).toBe(8);
      expect(Object.entries(JSON.parse(JSON.stringify(categories))).sort()).toEqual(names.map((name) => [name, 2]));
    });

    test.concurrent.for([
      ['personal', 'user:1'],
      ['shared', 'role:staff'],
    ])(
      'each mark changes one %s notification, its receipt and exactly the counts it concerns',
      async ([, topic = ''], { onTestFinished }) => {
        const { store } = await start(onTestFinished);
        await store.commit([rights('1', ['staff']), rights('2', ['staff'])]);
        const [ann, bob] = [new StorePerson(store, '1', ['staff']), new StorePerson(store, '2', ['staff'])];
        await store.commit([put({ id: 'a', topics: [topic], category: 'jobs' }), put({ id: 'b', topics: [topic] })]);
        const before = topic === 'user:1' ? 0 : 2;
        const unread = async (mark: Mark, over: { until?: number; at?: number } = {}) => {
          const outcome = await ann.mark(mark, 'a', over);
          expect(outcome).toMatchObject({ status: 'stored', marked: 1 });
          expect(await ann.mark(mark, 'a', over), `${mark} again`).toMatchObject({ status: 'unchanged' });
          const { unread, categories } = await ann.counts();
          expect(await bob.unread(), 'nobody else is concerned').toBe(before);
          return [unread, categories.jobs ?? 0];
        };
        const [all, less] = [
          [2, 1],
          [1, 0],
        ];
        expect(await unread('seen')).toEqual(all);
        expect(await unread('read', { at: 3_000 })).toEqual(less);
        expect(await ann.receiptOf('a')).toMatchObject({ seen_at: at(2_000), read_at: at(3_000) });
        expect(await unread('unread')).toEqual(all);
        expect(await ann.receiptOf('a')).toMatchObject({ read_at: null });
        expect(await unread('archive')).toEqual(less);
        expect([await ann.list(), await ann.list({ view: 'archived' })]).toEqual([['b'], ['a']]);
        expect(await unread('unarchive')).toEqual(all);
        expect(await unread('snooze', { until: 9_000 })).toEqual(less);
        expect([await ann.list(), await ann.list({ view: 'snoozed' })]).toEqual([['b'], ['a']]);
        expect(await ann.receiptOf('a')).toMatchObject({ snoozed_until: at(9_000) });
        expect(await unread('unsnooze')).toEqual(all);
        expect(await ann.list()).toEqual(['b', 'a']);
        await ann.mark('snooze', 'a', { until: 9_000 });
        expect(await ann.mark('return', 'a', { at: 8_999 }), 'not yet').toEqual({ status: 'unchanged' });
        expect(await unread('return', { at: 9_000 })).toEqual(all);
        expect(await ann.list(), 'on top again').toEqual(['a', 'b']);
      },
    );

    test.concurrent('what returns from a snooze asks again although it was read, before and below the watermark', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'a' }), put({ id: 'b' }), put({ id: 'c' })]);
      await ann.mark('read', 'a');
      await ann.mark('snooze', ['a', 'b'], { until: 5_000 });
      await ann.readAll(1_000);
      expect(await ann.unread()).toBe(0);
      for (const id of ['b', 'a']) await ann.mark('return', id, { at: 6_000 });
      expect(await ann.counts()).toEqual({ unread: 2, categories: {} });
      expect(await ann.list()).toEqual(['a', 'b', 'c']);
      await ann.mark('read', 'a');
      expect(await ann.list({ unread: true })).toEqual(['b']);
      await ann.readAll((await store.head()).head);
      expect(await ann.unread()).toBe(0);
      expect(await ann.list()).toEqual(['a', 'b', 'c']);
    });

    test.concurrent('snoozing takes out of the archive, archiving ends a snooze, and both leave what was read', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'a' }), put({ id: 'b' })]);
      await ann.mark('read', 'a');
      await ann.mark('archive', ['a', 'b']);
      expect(await ann.list({ view: 'archived', unread: true })).toEqual(['b']);
      await ann.mark('snooze', ['a', 'b'], { until: 5_000 });
      expect(await ann.list({ view: 'archived' })).toEqual([]);
      expect(await ann.list({ view: 'snoozed' })).toEqual(['b', 'a']);
      await ann.mark('archive', ['a', 'b']);
      expect(await ann.list({ view: 'snoozed' })).toEqual([]);
      await ann.mark('unarchive', ['a', 'b']);
      expect(await ann.list()).toEqual(['b', 'a']);
      expect(await ann.list({ unread: true })).toEqual(['b']);
      expect(await ann.unread()).toBe(1);
    });

    test.concurrent('names take the record or the application id, each record once, and what is not in the inbox is missing', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', ['staff'])]);
      const ann = new StorePerson(store, '1');
      await store.commit([
        put({ id: 'a', externalId: 'order-1' }),
        put({ id: 'b', externalId: 'order-2' }),
        put({ id: 'theirs', topics: ['user:2'], externalId: 'order-3' }),
        put({ id: 'staff', topics: ['role:staff'] }),
        put({ id: 'silent', alert: 'never' }),
        put({ id: 'task', kind: 'task', alert: 'never' }),
        put({ id: 'waiting', topics: [], alert: 'never', status: 'scheduled', dueAt: 9_000_000 }),
      ]);
      const named = ['order-1', 'a', 'b', 'theirs', 'order-3', 'staff', 'silent', 'task', 'waiting', 'nowhere'];
      const missing = ['theirs', 'order-3', 'staff', 'silent', 'task', 'waiting', 'nowhere'];
      expect(await ann.mark('read', named)).toMatchObject({ status: 'stored', marked: 2, missing });
      expect(await ann.unread()).toBe(0);
      expect(await ann.mark('read', named)).toEqual({ status: 'unchanged', missing });
      expect(await new StorePerson(store, '2', ['staff']).unread()).toBe(2);
    });

    test.concurrent('an application id that several bear names the newest', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      for (const id of ['old', 'new']) await store.commit([put({ id, externalId: 'order' })]);
      await ann.mark('read', 'order');
      expect(await ann.list({ unread: true })).toEqual(['old']);
    });

    test.concurrent('reading up to a rev also reads what was marked as unread below it, and tells which', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit(['a', 'b', 'c', 'd'].map((id) => put({ id, category: 'x' })));
      await ann.readAll(3);
      await ann.mark('unread', ['a', 'c']);
      expect(await ann.counts()).toEqual({ unread: 3, categories: { x: 3 } });
      const { head } = await store.head();
      expect(await ann.readAll(2)).toMatchObject({ status: 'stored' });
      expect(await ann.list({ unread: true })).toEqual(['d', 'c']);
      const told = frameOf(batches.at(-1)?.changes[0] as Change);
      expect(told).toMatchObject({ items: [{ id: 'a', read_at: at(2_000) }], read_upto: 3, unread_count: 2 });
      const missed = (await ann.since(head)).find(({ type }) => type === 'receipts');
      expect(missed && frameOf(missed)).toMatchObject({ items: [{ id: 'a', read_at: at(2_000) }], read_upto: 3 });
      expect(await ann.readAll(2)).toEqual({ status: 'unchanged' });
      expect(await ann.readAll(1_000_000)).toMatchObject({ status: 'stored' });
      expect(await ann.unread()).toBe(0);
      await store.commit([put({ id: 'e' })]);
      expect(await ann.unread(), 'what comes later is not read').toBe(1);
    });

    test.concurrent('reading up to a rev tells thousands that were marked as unread in frames that a page can hold', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      const ids = Array.from({ length: 2_100 }, (_, n) => `n${n}`);
      await store.commit(ids.map((id) => put({ id })));
      await ann.readAll(1_000_000);
      for (const part of [ids.slice(0, 900), ids.slice(900, 1_800), ids.slice(1_800)]) await ann.mark('unread', part);
      const { head } = await store.head();
      expect((await store.counts('1')).unread).toBe(2_100);
      await ann.readAll(1_000_000);
      expect((await store.counts('1')).unread).toBe(0);
      const told = (batches.at(-1) as (typeof batches)[number]).changes.map(
        (change) => frameOf(change).items as object[],
      );
      expect(told.map((items) => items.length)).toEqual([1_000, 1_000, 100]);
      const found = await ann.since(head);
      const items = found.flatMap((change) => frameOf(change).items as { id: string; read_at: string | null }[]);
      expect(new Set(items.map(({ id }) => id)).size).toBe(2_100);
      expect(items.every(({ read_at }) => read_at !== null)).toBe(true);
    });

    test.concurrent('the watermark reads shared notifications for its user alone, and an explicit unread wins over it', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', [])]);
      const [ann, bob] = [new StorePerson(store, '1'), new StorePerson(store, '2')];
      await store.commit(['a', 'b', 'c'].map((id) => put({ id, topics: ['everyone'], category: 'news' })));
      await ann.readAll(1_000);
      await ann.mark('unread', 'b');
      expect(await ann.counts()).toEqual({ unread: 1, categories: { news: 1 } });
      expect(await bob.counts()).toEqual({ unread: 3, categories: { news: 3 } });
      await ann.readAll(1_000);
      expect(await ann.unread()).toBe(0);
      await ann.mark('unread', 'b');
      await ann.mark('read', 'b');
      expect(await ann.unread()).toBe(0);
    });

    test.concurrent('frames of receipts tell what changed and the counts as of their rev, live, in a range and on catching up', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      await store.commit([
        put({ id: 'own', category: 'x' }),
        put({ id: 'staff', topics: ['role:staff'], category: 'y' }),
        put({ id: 'all', topics: ['everyone'] }),
      ]);
      const { head } = await store.head();
      const rev = revOf(await ann.mark('read', ['own', 'staff'], { at: 3_000 }));
      const expected = {
        ...{ type: 'receipts', id: 'receipts:1', unread_count: 1, categories: {}, as_of: rev, read_upto: 0 },
        items: ['own', 'staff'].map((id) => ({
          ...{ id, seen_at: at(3_000), read_at: at(3_000), archived_at: null, snoozed_until: null },
        })),
      };
      const live = batches.at(-1)?.changes as Change[];
      expect(live.map(frameOf)).toMatchObject([expected]);
      expect((await store.range(rev, rev)).changes.map(frameOf)).toMatchObject([expected]);
      expect((await ann.since(head)).map(frameOf)).toMatchObject([expected]);
    });

    test.concurrent('a return tells the whole notification, to who was away too, unless it was put away or taken back since', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit(['a', 'b', 'c', 'd'].map((id) => put({ id, at: 1_500 })));
      await ann.mark('snooze', ['a', 'b', 'c', 'd'], { until: 5_000 });
      const { head } = await store.head();
      for (const id of ['a', 'b', 'c', 'd']) await ann.mark('return', id, { at: 6_000 });
      const rev = (await store.head()).head;
      const live = frameOf(batches.at(-1)?.changes[0] as Change);
      expect(live.returned).toMatchObject([{ id: 'd', rev: 4, alert_rev: rev, message: 'd', receipt: { id: 'd' } }]);
      await ann.mark('archive', 'b');
      await store.commit([
        put({ id: 'c', kind: 'retracted', alert: 'never', expect: undefined, body: '{"type":"retracted","id":"c"}' }),
      ]);
      await ann.mark('seen', 'd');
      const { changes } = await store.changesSince(page({ after: head }));
      const told = changes.filter(({ kind }) => kind === 'receipts').map(frameOf);
      expect(told).toMatchObject([{ returned: [{ id: 'a' }, { id: 'd', receipt: { seen_at: at(2_000) } }] }]);
      const range = await store.range(rev - 3, (await store.head()).head);
      const released = range.changes.flatMap((change) => (frameOf(change).returned ?? []) as { id: string }[]);
      expect(released.map(({ id }) => id)).toEqual(['a', 'd']);
    });

    test.concurrent('what one user does in the same commit as others is counted for each apart', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', [])]);
      await store.commit([
        put({ id: 'both', topics: ['user:1', 'user:2'], category: 'x' }),
        put({ id: 'all', topics: ['everyone'] }),
      ]);
      await store.commit([
        receipt('1', { ids: ['both'] }),
        receipt('2', { ids: ['both'], mark: 'archive' }),
        receipt('2', { ids: ['all'] }),
        put({ id: 'more', topics: ['user:2'], category: 'x' }),
        receipt('1', { ids: ['both'], mark: 'unread' }),
      ]);
      expect(await new StorePerson(store, '1').counts()).toEqual({ unread: 2, categories: { x: 1 } });
      expect(await new StorePerson(store, '2').counts()).toEqual({ unread: 1, categories: { x: 1 } });
    });
  });
}

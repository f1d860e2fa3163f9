import { describe, expect, test } from 'vitest';
import { type OpenStore, page, revOf } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { put, receipt, rights } from '../../testing/temp-store.ts';
import type { Change, Mark } from '../domain/writes.ts';
import { marksAtOnce } from './plan/source.ts';
import { revsOfBucket } from './schema.ts';

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

    test.concurrent('reading up to a rev reads thousands that were marked as unread in parts, and tells each', async ({
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
      const before = batches.length;
      const first = await store.commit([receipt('1', { upTo: 1_000_000 })]);
      expect(first, 'one write reads a part, and says where the next goes on').toMatchObject([
        { next: expect.anything() },
      ]);
      expect((await store.counts('1')).unread).toBe(2_100 - marksAtOnce);
      await ann.readAll(1_000_000);
      expect((await store.counts('1')).unread).toBe(0);
      const frames = batches.slice(before).flatMap(({ changes }) => changes.map(frameOf));
      expect(Math.max(...frames.map((frame) => (frame.items as object[]).length))).toBe(marksAtOnce);
      expect(frames.map(({ read_upto }) => read_upto).at(-1)).toBe(head + frames.length - 1);
      const found = await ann.since(head);
      const items = found.flatMap((change) => frameOf(change).items as { id: string; read_at: string | null }[]);
      expect(new Set(items.map(({ id }) => id)).size).toBe(2_100);
      expect(items.every(({ read_at }) => read_at !== null)).toBe(true);
    });

    test.concurrent('counts thousands on shared topics, whatever became of them and whatever was done with them', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff', 'night']), rights('2', ['staff'])]);
      const { head } = await store.head();
      const staff = { topics: ['role:staff'], category: 'news' };
      const ids = Array.from({ length: revsOfBucket + 500 }, (_, n) => `n${n}`);
      await store.commit(ids.map((id) => put({ id, ...staff })));
      await store.commit([
        put({ id: 'night', topics: ['role:night'] }),
        put({ id: 'silent', ...staff, alert: 'never' }),
      ]);
      const [ann, bob] = [new StorePerson(store, '1', ['staff', 'night']), new StorePerson(store, '2', ['staff'])];
      const counts = async () => Promise.all(['1', '2'].map(async (id) => (await store.counts(id)).unread));
      expect(await counts()).toEqual([ids.length + 1, ids.length]);
      await store.commit([
        put({ id: 'n1', ...staff, alert: 'keep', expired: true, expect: undefined }),
        put({ id: 'n2', ...staff, category: 'other', alert: 'keep', expect: undefined }),
        put({ id: 'n3', ...staff, kind: 'retracted', alert: 'never', expect: undefined }),
        put({ id: 'n4', ...staff, expect: undefined }),
      ]);
      expect(await counts()).toEqual([ids.length - 1, ids.length - 2]);
      await ann.mark('read', ['n1', 'n2', 'n5', `n${revsOfBucket + 100}`, 'night']);
      await ann.mark('archive', ['n5', 'n6']);
      expect(await counts()).toEqual([ids.length - 1 - 5, ids.length - 2]);
      await bob.readAll(head + 1_000);
      // n4 has asked again since.
      expect(await counts()).toEqual([ids.length - 6, ids.length - 1_000 + 1]);
      await ann.readAll(head + revsOfBucket);
      await ann.mark('unread', 'n7');
      // One past the watermark was read, n4 has asked again, and n7 was marked.
      expect((await store.counts('1')).unread).toBe(500 - 1 + 1 + 1);
      await Promise.all([ann.readAll(1_000_000), bob.readAll(1_000_000)]);
      expect(await counts()).toEqual([0, 0]);
    });

    test.concurrent('of many that have one id of the application the last on the first topic is named, in one commit too', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const same = { externalId: 'order' };
      await store.commit(
        Array.from({ length: 300 }, (_, n) => put({ id: `other${n}`, topics: [`user:o${n}`], ...same })),
      );
      expect(await ann.mark('read', 'order')).toMatchObject({ status: 'unchanged', missing: ['order'] });
      await store.commit([put({ id: 'staff', topics: ['role:staff'], ...same })]);
      await ann.mark('read', 'order');
      expect(await ann.receiptOf('staff')).toMatchObject({ read_at: at(2_000) });
      await store.commit([
        put({ id: 'a', ...same }),
        put({ id: 'b', ...same }),
        put({ id: 'quiet', alert: 'never', ...same }),
      ]);
      await ann.mark('read', 'order');
      expect(await ann.list({ unread: true })).toEqual(['a']);
      await store.commit([put({ id: 'c', ...same }), receipt('1', { ids: ['order'] })]);
      expect(await ann.list({ unread: true })).toEqual(['a']);
      // It asks again, and so is the last.
      await store.commit([put({ id: 'b', ...same, expect: undefined })]);
      await ann.mark('archive', 'order');
      expect(await ann.list({ view: 'archived' })).toEqual(['b']);
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

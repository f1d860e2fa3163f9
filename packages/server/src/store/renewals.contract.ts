import { describe, expect, test } from 'vitest';
import { key, type OpenStore, page } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { bind, put, receipt, rights } from '../../testing/temp-store.ts';
import type { Store } from '../domain/ports.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import type { Change, PutWrite } from '../domain/writes.ts';

const gone = (id: string, over: Partial<PutWrite> = {}): PutWrite =>
  put({
    id,
    kind: 'retracted',
    alert: 'never',
    expect: undefined,
    type: null,
    body: `{"type":"retracted","id":"${id}"}`,
    ...over,
  });

/** The next version of a notification, conditional on the present one. */
async function next(store: Store, id: string, over: Partial<PutWrite>): Promise<PutWrite> {
  const { rev, topics, category, collapse } = (await store.record(id)) as StoredRecord;
  return put({ id, topics, category, collapse, expect: rev, alert: 'keep', ...over });
}

/** A notification that stands for another: renewed, edited, expired, retracted. */
export function renewalsContract(start: OpenStore): void {
  describe('renewals', () => {
    test.concurrent('a newer one with the same collapse text renews an unread one in place, on top and unread once', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'first', collapse: 'x', category: 'old' }), put({ id: 'other' })]);
      const [renewed] = await store.commit([put({ id: 'second', collapse: 'x', category: 'new' })]);
      expect(renewed).toEqual({ status: 'stored', id: 'first', rev: 3, collapsed: true });
      expect(await ann.counts()).toEqual({ unread: 2, categories: { new: 1 } });
      expect(await ann.list()).toEqual(['first', 'other']);
      const change = batches.at(-1)?.changes[0] as Change;
      expect(change).toMatchObject({ id: 'first', rev: 3, alertRev: 3, recount: true });
      expect(frameOf(change)).toMatchObject({ id: 'first', message: 'first' });
      expect(await store.record('second')).toBeNull();
      expect(await store.record('first')).toMatchObject({ rev: 3, body: change.body });
      expect((await ann.since(0)).map(({ id }) => id)).toEqual(['other', 'first']);
    });

    test.concurrent('one that its only recipient has read stays, archived or snoozed ones come back renewed', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      const marks = { read: {}, archive: {}, snooze: { until: 9_000_000 }, seen: {} } as const;
      for (const mark of Object.keys(marks) as (keyof typeof marks)[]) {
        await store.commit([put({ id: mark, collapse: mark })]);
        await ann.mark(mark, mark, marks[mark]);
      }
      expect(await ann.unread()).toBe(1);
      const again = Object.keys(marks).map((mark) => put({ id: `new-${mark}`, collapse: mark }));
      const ids = (await store.commit(again)).map((outcome) => (outcome as { id: string }).id);
      expect(ids).toEqual(['new-read', 'archive', 'snooze', 'seen']);
      expect(await ann.list()).toEqual(['seen', 'snooze', 'archive', 'new-read', 'read']);
      expect(await ann.unread()).toBe(4);
      expect(await ann.receiptOf('archive')).toMatchObject({ archived_at: null });
      expect(await ann.receiptOf('snooze')).toMatchObject({ snoozed_until: null });
      await ann.readAll(1_000_000);
      await ann.mark('unread', 'seen');
      const [marked, under] = await store.commit(
        ['seen', 'archive'].map((collapse) => put({ id: `third-${collapse}`, collapse })),
      );
      expect(marked).toMatchObject({ id: 'seen', collapsed: true });
      expect(under).toMatchObject({ id: 'third-archive' });
      expect(await ann.unread()).toBe(2);
    });

    test.concurrent('of several with one collapse text the one that asked last is renewed, whichever was edited since', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'read', collapse: 'x' })]);
      await ann.mark('read', 'read');
      await store.commit([put({ id: 'unread', collapse: 'x' })]);
      await store.commit([await next(store, 'read', {})]);
      expect(await store.commit([put({ id: 'third', collapse: 'x' })])).toMatchObject([
        { id: 'unread', collapsed: true },
      ]);
      expect(await ann.list()).toEqual(['unread', 'read']);
      expect(await ann.unread()).toBe(1);
    });

    test.concurrent('what several hear is renewed for all of them, read or not', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', [])]);
      const [ann, bob] = [new StorePerson(store, '1'), new StorePerson(store, '2')];
      await store.commit([
        put({ id: 'all', topics: ['everyone'], collapse: 'x', category: 'c' }),
        put({ id: 'both', topics: ['user:1', 'user:2'], collapse: 'y', category: 'c' }),
      ]);
      await ann.mark('read', ['all', 'both']);
      await bob.mark('archive', ['all']);
      expect([await ann.unread(), await bob.unread()]).toEqual([0, 1]);
      const outcomes = await store.commit([
        put({ id: 'all-2', topics: ['everyone'], collapse: 'x', category: 'd' }),
        put({ id: 'both-2', topics: ['user:1', 'user:2'], collapse: 'y', category: 'd' }),
      ]);
      expect(outcomes).toMatchObject([
        { id: 'all', collapsed: true },
        { id: 'both', collapsed: true },
      ]);
      for (const person of [ann, bob]) {
        expect(await person.counts()).toEqual({ unread: 2, categories: { d: 2 } });
        expect(await person.list()).toEqual(['both', 'all']);
      }
    });

    test.concurrent('two in one batch are one, and their keys answer for it', async ({ onTestFinished }) => {
      const { store, batches } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      const two = ['a', 'b'].map((id) => put({ id, collapse: 'x', key: key(id) }));
      expect(await store.commit(two, { atomic: true })).toEqual([
        { status: 'stored', id: 'a', rev: 1 },
        { status: 'stored', id: 'a', rev: 2, collapsed: true },
      ]);
      expect(await ann.unread()).toBe(1);
      expect(batches.flatMap(({ changes }) => changes.map(({ id, rev }) => [id, rev]))).toEqual([
        ['a', 1],
        ['a', 2],
      ]);
      expect(await store.commit(two)).toEqual([
        { status: 'duplicate', id: 'a', rev: 1 },
        { status: 'duplicate', id: 'a', rev: 2 },
      ]);
      const bad = [put({ id: 'c', collapse: 'x' }), put({ id: 'd', key: key('a', 'other') })];
      expect(await store.commit(bad, { atomic: true })).toEqual([{ status: 'aborted' }, { status: 'mismatch' }]);
      expect(await ann.unread()).toBe(1);
      expect(await store.record('a')).toMatchObject({ rev: 2 });
    });

    test.concurrent('a scheduled one is released into the one it renews, once', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'live', collapse: 'x' })]);
      await store.commit([put({ id: 'due', topics: [], alert: 'never', status: 'scheduled', dueAt: 5 })]);
      expect(await ann.unread()).toBe(1);
      const release = put({ id: 'due', collapse: 'x', expect: 2 });
      expect(await store.commit([release, release])).toEqual([
        { status: 'stored', id: 'live', rev: 3, collapsed: true },
        { status: 'stale', rev: null },
      ]);
      expect(await store.record('due')).toBeNull();
      expect(await ann.list()).toEqual(['live']);
      expect(await ann.unread()).toBe(1);
    });

    test.concurrent('other recipients, what has expired, was retracted, was answered or waits, and what is silent, stay apart', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([
        put({ id: 'expired', collapse: 'expired', expired: true }),
        put({ id: 'retracted', collapse: 'retracted' }),
        put({ id: 'answered', collapse: 'answered', status: 'answered' }),
        put({ id: 'waiting', collapse: 'waiting', topics: [], alert: 'never', status: 'scheduled', dueAt: 9_000_000 }),
        put({ id: 'silent', collapse: 'silent', alert: 'never' }),
        put({ id: 'asked', collapse: 'asked' }),
      ]);
      await store.commit([gone('retracted')]);
      const texts = ['expired', 'retracted', 'answered', 'waiting', 'silent'];
      const outcomes = await store.commit(texts.map((collapse) => put({ id: `new-${collapse}`, collapse })));
      expect(outcomes.map((outcome) => (outcome as { id: string }).id)).toEqual(texts.map((text) => `new-${text}`));
      const [silent] = await store.commit([put({ id: 'new-asked', collapse: 'asked', alert: 'never' })]);
      expect(silent).toMatchObject({ id: 'new-asked' });
      expect(await new StorePerson(store, '1').unread()).toBe(7);
    });

    test.concurrent('an edit keeps its place, who has read it and what it counts for, and never asks again', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', [])]);
      const ann = new StorePerson(store, '1');
      await store.commit([
        put({ id: 'read', collapse: 'x', category: 'a' }),
        put({ id: 'unread', collapse: 'y', category: 'a' }),
        put({ id: 'all', topics: ['everyone'], category: 'a' }),
        put({ id: 'last' }),
      ]);
      await ann.mark('read', 'read');
      const before = await ann.list();
      for (const id of ['read', 'unread', 'all']) await store.commit([await next(store, id, {})]);
      expect(batches.at(-1)?.changes).toMatchObject([{ id: 'all', rev: 9, alertRev: 4, recount: false }]);
      expect(await ann.list()).toEqual(before);
      expect(await ann.counts()).toEqual({ unread: 3, categories: { a: 2 } });
      for (const id of ['unread', 'all']) await store.commit([await next(store, id, { category: 'b' })]);
      expect(batches.at(-1)?.changes[0]?.recount, 'categories are counts too').toBe(true);
      expect(await ann.counts()).toEqual({ unread: 3, categories: { b: 2 } });
      await store.commit([put({ id: 'silent', alert: 'never' })]);
      await store.commit([await next(store, 'silent', {})]);
      expect(await ann.unread()).toBe(3);
      await ann.readAll(5);
      expect(await ann.list({ unread: true })).toEqual([]);
    });

    test.concurrent('an edit is stored on the version it was made of, and on no other', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'a' })]);
      const [first, second] = [await next(store, 'a', { category: 'x' }), await next(store, 'a', { category: 'y' })];
      expect(await store.commit([first, second])).toEqual([
        { status: 'stored', id: 'a', rev: 2 },
        { status: 'stale', rev: 2 },
      ]);
      expect((await new StorePerson(store, '1').counts()).categories).toEqual({ x: 1 });
      expect(await store.commit([put({ id: 'nowhere', expect: 7 })])).toEqual([{ status: 'stale', rev: null }]);
    });

    test.concurrent('what has expired stays in the list and counts no more, until it is brought back', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', [])]);
      const ann = new StorePerson(store, '1');
      await store.commit([put({ id: 'own', category: 'a' }), put({ id: 'all', topics: ['everyone'], category: 'a' })]);
      await ann.mark('snooze', 'own', { until: 5_000 });
      for (const id of ['own', 'all']) await store.commit([await next(store, id, { expired: true })]);
      expect(batches.at(-1)?.changes[0]).toMatchObject({ recount: true });
      expect(await ann.counts()).toEqual({ unread: 0, categories: {} });
      await ann.mark('return', 'own', { at: 6_000 });
      expect(await ann.list()).toEqual(['own', 'all']);
      expect(await ann.unread()).toBe(0);
      await ann.mark('unread', ['own', 'all']);
      expect(await ann.unread()).toBe(0);
      for (const id of ['own', 'all']) await store.commit([await next(store, id, { expired: false })]);
      expect(batches.at(-1)?.changes[0]).toMatchObject({ recount: true });
      expect(await ann.counts()).toEqual({ unread: 2, categories: { a: 2 } });
    });

    test.concurrent('what is retracted leaves every list and count, and is told as no more than that', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', [])]);
      const ann = new StorePerson(store, '1');
      await store.commit(
        ['own', 'archived', 'snoozed', 'returned'].map((id) => put({ id, category: 'a', externalId: `of-${id}` })),
      );
      await store.commit([put({ id: 'all', topics: ['everyone'], category: 'a' })]);
      await ann.mark('archive', 'archived');
      await ann.mark('snooze', ['snoozed', 'returned'], { until: 5_000 });
      await ann.mark('return', 'returned', { at: 6_000 });
      const { head } = await store.head();
      expect(await ann.unread()).toBe(3);
      for (const id of ['own', 'archived', 'snoozed', 'returned', 'all']) {
        const { rev, topics } = (await store.record(id)) as StoredRecord;
        await store.commit([gone(id, { topics, expect: rev, externalId: `of-${id}` })]);
        expect(batches.at(-1)?.changes).toMatchObject([{ id, alertRev: 0, recount: true }]);
      }
      expect(await ann.counts()).toEqual({ unread: 0, categories: {} });
      for (const view of ['inbox', 'archived', 'snoozed'] as const) expect(await ann.list({ view })).toEqual([]);
      expect((await ann.since(head)).map(({ id, type }) => [id, type])).toEqual(
        ['own', 'archived', 'snoozed', 'returned', 'all'].map((id) => [id, 'retracted']),
      );
      for (const mark of ['seen', 'read', 'unread', 'archive', 'unarchive', 'unsnooze'] as const) {
        expect(await ann.mark(mark, ['own', 'of-all'])).toEqual({ status: 'unchanged', missing: ['own', 'of-all'] });
      }
      expect(await ann.mark('return', 'snoozed', { at: 6_000 })).toMatchObject({ missing: ['snoozed'] });
      const fresh = { userId: '1', topics: ann.topics, unread: 10, limit: 10 };
      expect((await store.initialSnapshot(fresh)).changes).toEqual([]);
      expect((await store.changesSince(page())).changes.filter(({ receipt }) => receipt?.read_at)).toEqual([]);
    });

    test.concurrent('who is known by a name later is asked later, and others who hear it too are not asked again by that or by what follows', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([bind('1', 'ann')]);
      const [ann, bob] = [new StorePerson(store, '1'), new StorePerson(store, '2')];
      await store.commit([put({ id: 'both', topics: ['username:ann', 'username:bob', 'username:eve'] })]);
      await store.commit([put({ id: 'last', topics: ['user:1', 'user:2'] })]);
      await ann.mark('read', 'both');
      await ann.mark('unread', 'both');
      const { head } = await store.head();
      const parts = (changes: readonly Change[]) => changes.map(({ topics, alertRev }) => [alertRev, topics]);
      const expected = [
        [1, ['user:1', 'username:eve']],
        [head + 1, ['user:2']],
      ];
      await store.commit([bind('2', 'bob')]);
      expect(parts(batches.at(-1)?.changes ?? [])).toEqual(expected);
      await bob.mark('read', 'last');
      await ann.mark('seen', 'both');
      await store.commit([await next(store, 'both', { category: 'c' })]);
      expect(parts(batches.at(-1)?.changes ?? [])).toEqual(expected);
      const { head: last } = await store.head();
      expect(parts((await store.range(last, last)).changes)).toEqual(expected);
      expect([await ann.list(), await bob.list()]).toEqual([
        ['last', 'both'],
        ['both', 'last'],
      ]);
      expect((await ann.since(0)).find(({ id }) => id === 'both')?.alertRev).toBe(1);
      await ann.readAll(1);
      expect(await ann.list({ unread: true })).toEqual(['last']);
      const told = (await ann.since(last)).map(frameOf).find(({ type }) => type === 'receipts');
      expect(told?.items).toMatchObject([{ id: 'both', read_at: '1970-01-01T00:00:02.000Z' }]);
    });

    test.concurrent('what is done, edited and renewed in one commit is counted as it is done one by one', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit([
        put({ id: 'a', collapse: 'x', category: 'p' }),
        receipt('1', { ids: ['a'], mark: 'archive' }),
        put({ id: 'b', collapse: 'x', category: 'q' }),
        receipt('1', { ids: ['a'] }),
        put({ id: 'c', collapse: 'x', category: 'r' }),
      ]);
      expect(await ann.list()).toEqual(['c', 'a']);
      expect(await ann.counts()).toEqual({ unread: 1, categories: { r: 1 } });
    });
  });
}

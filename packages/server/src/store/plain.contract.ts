import { describe, expect, test } from 'vitest';
import { type OpenStore, page } from '../../testing/store-fixture.ts';
import { put, receipt, rights } from '../../testing/temp-store.ts';
import type { Store } from '../domain/ports.ts';
import type { Page, PageQuery } from '../domain/store/catch-up.ts';

const topics = ['user:1', 'everyone', 'role:a', 'task:t'];
const arabic = 'مرحبا'.repeat(20);
const body = (id: string, text: string) => JSON.stringify({ type: 'user_message', id, timestamp: '', message: text });

/** Reads page after page from a rev on. */
async function pages(store: Store, after: number, over: Partial<PageQuery>): Promise<Page[]> {
  const found: Page[] = [];
  for (let at = after, full = true; full; ) {
    const next = await store.changesSince(page({ topics, after: at, limit: 3, ...over }));
    found.push(next);
    [at, full] = [next.upTo.rev, next.full];
  }
  return found;
}

/** The revs and bodies of pages, plain or not. */
const bodiesOf = (found: readonly Page[]): [rev: number, body: string][] =>
  found.flatMap(({ changes, plain }) =>
    [
      ...changes.map(({ rev, body }): [number, string] => [rev, body]),
      ...plain.map(({ rev, source, begin, end }): [number, string] => [rev, source.toString('utf8', begin, end)]),
    ].sort(([a], [b]) => a - b),
  );

/** Plain records are read apart from others, and are the same records. */
export function plainContract(start: OpenStore): void {
  describe('plain records of a catch-up', () => {
    test.concurrent('are read with as little as their frames need, over all topics, each once and in order', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['a'])]);
      const from = (await store.head()).head;
      await store.commit([
        put({ topics: ['everyone'], body: body('n1', arabic) }),
        put({ topics: ['user:1', 'everyone', 'role:a'], body: body('n2', 'to three topics') }),
        put({ topics: ['user:2'] }),
        put({ topics: ['role:b'] }),
        put({ topics: ['task:t'], kind: 'task', alert: 'never' }),
        ...Array.from({ length: 5 }, (_, n) => put({ topics: [topics[n % 4] as string] })),
      ]);
      await store.commit([receipt('1', { ids: ['not-one-of-these'] })]);
      const apart = await pages(store, from, { takesPlain: true });
      expect(apart.flatMap(({ changes }) => changes)).toEqual([]);
      const whole = await pages(store, from, {});
      expect(bodiesOf(apart)).toEqual(bodiesOf(whole));
      expect(bodiesOf(apart)).toHaveLength(8);
      expect(apart.map(({ upTo, full }) => ({ upTo, full }))).toEqual(whole.map(({ upTo, full }) => ({ upTo, full })));
      const personal = apart.flatMap(({ plain }) => plain.flatMap(({ rev, isPersonal }) => (isPersonal ? [rev] : [])));
      const own = whole.flatMap(({ changes }) => changes.filter((change) => change.topics.includes('user:1')));
      expect(personal).toEqual(own.map(({ rev }) => rev));
    });

    test.concurrent('a page with one that is not plain is read as it is', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const others = [
        { name: 'seen by some only', write: put({ viewers: { users: ['1'], former: [], leaving: [] } }) },
        { name: 'large', write: put({ body: body('large', 'x'.repeat(4_000)) }) },
        { name: 'large in bytes', write: put({ body: body('bytes', 'ü'.repeat(1_500)) }) },
      ];
      for (const { name, write } of others) {
        const { head } = await store.head();
        await store.commit([put(), write, put()]);
        const found = await store.changesSince(page({ after: head, takesPlain: true }));
        expect([name, found.changes.length, found.plain]).toEqual([name, 3, []]);
      }
    });

    test.concurrent('one that was read, or edited, is sent as what it is for its user', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'a' }), put({ id: 'b' }), put({ id: 'c' })]);
      const read = async (userId: string) => {
        const where = { userId, topics: [`user:${userId}`], takesPlain: true };
        return (await store.changesSince(page(where))).changes.map(({ kind, receipt }) => [kind, receipt !== null]);
      };
      expect(await read('1')).toEqual([]);
      await store.commit([receipt('1', { ids: ['a'] })]);
      const rows = (one: boolean, others: boolean) => [
        ...[one, others, others].map((isRead) => ['notification', isRead]),
        ['receipts', false],
      ];
      expect(await read('1')).toEqual(rows(true, false));
      await store.commit([receipt('1', { upTo: 3 })]);
      expect(await read('1')).toEqual(rows(true, true));
      await store.commit([put({ id: 'd', topics: ['user:2'] })]);
      await store.commit([put({ id: 'd', topics: ['user:2'], alert: 'keep', expect: undefined })]);
      expect(await read('2')).toEqual([['notification', false]]);
    });

    test.concurrent('what a user did comes among them, and ends a page of theirs too', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'old' })]);
      await store.commit([put()]);
      await store.commit([receipt('1', { ids: ['old'] })]);
      await store.commit([put()]);
      const { changes, plain, upTo } = await store.changesSince(page({ after: 1, takesPlain: true }));
      expect(changes.map(({ rev, kind }) => [rev, kind])).toEqual([[3, 'receipts']]);
      expect(plain.map(({ rev }) => rev)).toEqual([2, 4]);
      expect(upTo.rev).toBe(4);
    });
  });
}

import { describe, expect, test } from 'vitest';
import { inbox, type OpenStore, page } from '../../testing/store-fixture.ts';
import { put, receipt, rights } from '../../testing/temp-store.ts';
import { largestFrame } from '../domain/frame-size.ts';
import type { Store } from '../domain/ports.ts';
import type { RecordPage, StoredRecord } from '../domain/store/records.ts';
import type { Change, PutWrite } from '../domain/writes.ts';
import { pageBytes } from './page-rows.ts';

const size = 200_000;
/** A page ends with the record that takes it past `pageBytes`. */
const mostOnPage = Math.ceil(pageBytes / size);
const text = 'x'.repeat(size);
const large = (id: string, over: Partial<PutWrite> = {}): PutWrite =>
  put({ id, body: JSON.stringify({ type: 'x', id, timestamp: '2026-01-31T09:30:00.000Z', data: text }), ...over });
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

type Item = Pick<Change, 'id' | 'rev' | 'body'>;
const idsOf = (changes: readonly Item[]): string[] => changes.map(({ id }) => id);

/** Reads page after page until one is the last, and expects each to hold something, and no more than a page may. */
async function readAll<Read extends Item>(
  read: (last: Read | undefined) => Promise<{ items: readonly Read[]; full: boolean }>,
): Promise<string[]> {
  const found: Read[] = [];
  for (let full = true; full; ) {
    const next = await read(found.at(-1));
    full = next.full;
    const many = next.items.filter(({ body }) => body.length > size).length;
    expect(many).toBeLessThanOrEqual(mostOnPage);
    if (full) expect(next.items.length).toBeGreaterThan(0);
    found.push(...next.items);
  }
  return idsOf(found);
}

const recordsOf = ({ records, full }: RecordPage) => ({ items: records, full });

/** Pages of records of which few fill a page: each is short, together they are complete and in order. */
export function largeRecordsContract(start: OpenStore): void {
  describe('large records', () => {
    test.concurrent('a catch-up ends its pages early, over all topics together', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', [])]);
      const ids = names(12);
      const topicsOf = (n: number) => [['user:1', 'everyone', 'task:t'][n % 3] as string];
      for (const [n, id] of ids.entries()) {
        await store.commit([n % 4 === 3 ? put({ id, topics: topicsOf(n) }) : large(id, { topics: topicsOf(n) })]);
      }
      const topics = ['user:1', 'everyone', 'task:t'];
      const read = async (after: number) => store.changesSince(page({ topics, after }));
      expect(await readAll(async (last) => toItems(await read(last?.rev ?? 1)))).toEqual(ids);
      expect((await read(1)).changes).toHaveLength(mostOnPage);
    });

    test.concurrent('one that is larger than a page is on a page of its own', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const body = JSON.stringify({ type: 'x', data: 'x'.repeat(2 * pageBytes) });
      await store.commit([put({ id: 'a', body }), put({ id: 'b', body }), put({ id: 'c' })]);
      const { changes, full, upTo } = await store.changesSince(page());
      expect([idsOf(changes), full, upTo.rev]).toEqual([['a'], true, 1]);
      expect(idsOf((await store.changesSince(page({ after: 2 }))).changes)).toEqual(['c']);
    });

    test.concurrent('a person without a cursor begins with as many of the newest unread, and of what was not delivered, as fill a page', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ids = names(10);
      await store.commit(ids.map((id) => large(id)));
      const query = { userId: '1', topics: ['user:1', 'everyone'], unread: 8, limit: 100 };
      const found = await store.initialSnapshot(query);
      expect(idsOf(found.changes)).toEqual([...ids.slice(0, mostOnPage), ...ids.slice(-mostOnPage)]);
      expect(found).toMatchObject({ full: true, upTo: { rev: mostOnPage }, counts: { unread: 10 } });
      const newest = await store.topicSnapshot(['user:1'], 8, '1');
      expect(idsOf(newest.changes)).toEqual(ids.slice(-mostOnPage));
    });

    test.concurrent('each view of the inbox, filtered or not, is listed whole in short pages', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const ids = names(9);
      await store.commit(ids.map((id) => large(id, { category: 'c', search: 'needle' })));
      const mark = (mark: 'archive' | 'snooze' | 'return', some: readonly string[]) =>
        store.commit(
          some.map((id) =>
            receipt('1', { ids: [id], mark, until: mark === 'snooze' ? clock.now : null, at: clock.now }),
          ),
        );
      await mark('snooze', ids.slice(4));
      await mark('return', ids.slice(4));
      const list = (over: Parameters<typeof inbox>[0]) => {
        let before: number | null = null;
        return readAll(async () => {
          const { items, nextBefore } = await store.inbox(inbox({ topics: ['user:1'], before, ...over }));
          before = nextBefore;
          return { items, full: nextBefore !== null };
        });
      };
      const newestFirst = ids.toReversed();
      for (const filter of [{}, { unread: true }, { category: 'c' }, { text: 'needle' }]) {
        expect(await list(filter), JSON.stringify(filter)).toEqual(newestFirst);
      }
      await mark('archive', ids.slice(0, 4));
      await mark('snooze', ids.slice(4));
      expect(await list({ view: 'archived' })).toEqual(ids.slice(0, 4).toReversed());
      expect(await list({ view: 'snoozed' })).toEqual(ids.slice(4).toReversed());
    });

    test.concurrent('tasks, what is scheduled, answers, and what is old or due, are listed whole in short pages', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const ids = names(7);
      const dueAt = clock.now + 5;
      for (const [kind, over] of Object.entries({
        task: { kind: 'task', status: 'queued', owner: '1', state: text, alert: 'never' },
        scheduled: { status: 'scheduled', dueAt, alert: 'never', topics: [] },
        answer: { kind: 'answer', status: 'answer', alert: 'never', topics: [] },
      } as const)) {
        await store.commit(ids.map((id) => large(`${kind}-${id}`, { ...over, topics: [] })));
      }
      const of = (kind: string) => ids.map((id) => `${kind}-${id}`);
      for (const filter of [{}, { owner: '1' }, { status: 'queued' }]) {
        const query = { owner: null, status: null, limit: 100, ...filter };
        const read = async (before: number | undefined) =>
          recordsOf(await store.tasks({ ...query, before: before ?? null }));
        expect(await readAll((last) => read(last?.rev))).toEqual(of('task').toReversed());
      }
      expect(
        await readAll<StoredRecord>(async (last) =>
          recordsOf(await store.scheduled({ after: last ? { dueAt, id: last.id } : null, limit: 100 })),
        ),
      ).toEqual(of('scheduled'));
      expect(
        await readAll<StoredRecord>(async (last) => recordsOf(await store.answersAfter(last?.rev ?? 0, 100))),
      ).toEqual(of('answer'));
      expect(
        await readAll<StoredRecord>(async (last) =>
          recordsOf(await store.notificationsBetween(last?.rev ?? 0, 100, 100)),
        ),
      ).toEqual([...of('scheduled'), ...of('answer')]);
      clock.now = dueAt;
      const due = await store.dueItems(100);
      expect([due.records.length, due.full]).toEqual([mostOnPage, true]);
    });

    test.concurrent('a range of the history ends early, and names where', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const ids = names(8);
      await store.commit(ids.map((id) => large(id)));
      await store.commit([receipt('1', { ids: ['n7'] })]);
      const found: string[] = [];
      for (let from = 1; from <= 9; ) {
        const { upTo, changes } = await store.range(from, 9);
        expect(changes.length).toBeLessThanOrEqual(mostOnPage);
        found.push(...idsOf(changes));
        from = upTo + 1;
      }
      expect(found).toEqual([...ids, 'receipts:1']);
    });

    test.concurrent('notifications that came back from a snooze are told whole, on pages of their own', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const ids = names(7);
      await store.commit(ids.map((id) => large(id)));
      await store.commit([receipt('1', { ids, mark: 'snooze', until: clock.now })]);
      const { head } = await store.head();
      await store.commit(ids.map((id) => receipt('1', { ids: [id], mark: 'return', at: clock.now })));
      const returnedOf = (changes: readonly Item[]): string[] =>
        changes.flatMap(({ body }) => (JSON.parse(body).returned ?? []).map(({ id }: { id: string }) => id));
      const caughtUp: string[] = [];
      for (let [after, full] = [head, true]; full; ) {
        const found = await store.changesSince(page({ after }));
        expect(returnedOf(found.changes).length).toBeLessThan(mostOnPage);
        caughtUp.push(...returnedOf(found.changes));
        [after, full] = [found.upTo.rev, found.full];
      }
      expect(caughtUp).toEqual(ids);
      const filled: string[] = [];
      for (let from = head + 1; from <= head + ids.length; ) {
        const { upTo, changes } = await store.range(from, head + ids.length);
        filled.push(...returnedOf(changes));
        from = upTo + 1;
      }
      expect(filled).toEqual(ids);
    });

    test.concurrent('one change of more than the largest frame holds is read no further than that, and is larger than it', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const ids = names(9);
      await store.commit(ids.map((id) => large(id)));
      await store.commit([receipt('1', { ids, mark: 'snooze', until: clock.now })]);
      await store.commit(ids.map((id) => receipt('1', { ids: [id], mark: 'return', at: clock.now })));
      await store.commit([receipt('1', { ids })]);
      const { head } = await store.head();
      const { changes, full } = await store.changesSince(page({ after: head - 1 }));
      const { items, returned } = JSON.parse((changes[0] as Item).body);
      expect([changes.length, full, items.length, returned.length]).toEqual([1, false, 9, 5]);
      expect((changes[0] as Item).body.length).toBeGreaterThan(largestFrame);
    });

    test.concurrent('retractions that named many are all forgotten, and the floor rises over them', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const topics = Array.from({ length: 2_000 }, (_, n) => `user:${'u'.repeat(100)}${n}`);
      await store.commit(Array.from({ length: 6 }, () => put({ kind: 'retracted', topics, alert: 'never' })));
      let forgotten = 0;
      for (let some = await store.forgetRetractions(2_000, 100); some > 0; ) {
        forgotten += some;
        some = await store.forgetRetractions(2_000, 100);
      }
      expect([forgotten, (await store.head()).floor]).toEqual([6, 6]);
    });
  });
}

const toItems = ({ changes, full }: Awaited<ReturnType<Store['changesSince']>>) => ({ items: changes, full });

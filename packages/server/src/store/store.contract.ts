import { describe, expect, test } from 'vitest';
import { inbox, key, openerOf, page, revOf, type StoreFixture } from '../../testing/store-fixture.ts';
import { bind, put, receipt, rights } from '../../testing/temp-store.ts';
import type { Store } from '../domain/ports.ts';
import { documentVersionsContract } from './document-versions.contract.ts';
import { documentsContract } from './documents.contract.ts';
import { healthContract } from './health.contract.ts';
import { inboxContract } from './inbox.contract.ts';
import { largeRecordsContract } from './large-records.contract.ts';
import { marksContract } from './marks.contract.ts';
import { outboundContract } from './outbound.contract.ts';
import { plainContract } from './plain.contract.ts';
import { presenceContract } from './presence.contract.ts';
import { renewalsContract } from './renewals.contract.ts';
import { rightsContract } from './rights.contract.ts';
import { roomsContract } from './rooms.contract.ts';
import { taskLogsContract } from './task-logs.contract.ts';
import { timeContract } from './time.contract.ts';
import { upkeepContract } from './upkeep.contract.ts';

/** The promises of every store. */
export function storeContract(name: string, fixture: () => StoreFixture | Promise<StoreFixture>): void {
  describe(name, () => {
    const start = openerOf(fixture);
    marksContract(start);
    renewalsContract(start);
    inboxContract(start);
    rightsContract(start);
    roomsContract(start);
    documentsContract(start);
    documentVersionsContract(start);
    taskLogsContract(start);
    presenceContract(start);
    healthContract(start);
    timeContract(start);
    upkeepContract(start);
    outboundContract(start);
    largeRecordsContract(start);
    plainContract(start);

    test.concurrent('gives revs in commit order without gaps, and tells each batch once', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const outcomes = (await Promise.all([store.commit([put(), put()]), store.commit([put()])])).flat();
      expect(outcomes.map(revOf)).toEqual([1, 2, 3]);
      await store.commit([put()]);
      const told = batches.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      expect(told).toEqual([1, 2, 3, 4]);
      expect(batches.flatMap(({ changes }) => changes.map(({ rev }) => rev))).toEqual([1, 2, 3, 4]);
      expect(await store.head()).toMatchObject({ head: 4, floor: 0, term: batches[0]?.term, termFrom: 1 });
    });

    test.concurrent('stores none of an atomic batch with one bad item, and all of its neighbours', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'known', key: key('k') })]);
      const bad = [put({ id: 'a' }), put({ id: 'b', key: key('k', 'other') }), put({ id: 'c' })];
      const [beside, failed] = await Promise.all([
        store.commit([put({ id: 'before' })]),
        store.commit(bad, { atomic: true }),
        store.commit([put({ id: 'after' })]),
      ]);
      expect(beside).toMatchObject([{ status: 'stored', rev: 2 }]);
      expect(failed).toEqual([{ status: 'aborted' }, { status: 'mismatch' }, { status: 'aborted' }]);
      expect(await store.record('a')).toBeNull();
      expect(await store.record('c')).toBeNull();
      expect(await store.record('after')).toMatchObject({ rev: 3 });
    });

    test.concurrent('fails a bad item alone in a batch that is not atomic', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'known', key: key('k') })]);
      const outcomes = await store.commit([put({ id: 'a' }), put({ key: key('k', 'other') }), put({ id: 'c' })]);
      expect(outcomes.map(({ status }) => status)).toEqual(['stored', 'mismatch', 'stored']);
      expect(await store.record('c')).toMatchObject({ rev: 3 });
    });

    test.concurrent('answers the same key with the same body as a duplicate, with another body as a mismatch, after a restart too', async ({
      onTestFinished,
    }) => {
      const { store, again } = await start(onTestFinished);
      const [first] = await store.commit([put({ id: 'a', key: key('k') })]);
      const duplicate = { status: 'duplicate', id: 'a', rev: revOf(first) };
      expect(await store.commit([put({ id: 'b', key: key('k') })])).toEqual([duplicate]);
      const restarted = await again();
      expect(await restarted.commit([put({ id: 'c', key: key('k') })])).toEqual([duplicate]);
      expect(await restarted.commit([put({ id: 'd', key: key('k', 'other') })])).toEqual([{ status: 'mismatch' }]);
      expect(await restarted.head()).toMatchObject({ head: 1 });
    });

    test.concurrent('stores an item once that is sent again with other neighbours, of which it stores the new ones', async ({
      onTestFinished,
    }) => {
      const { store, again } = await start(onTestFinished);
      const item = (name: string) => put({ id: name, key: key(name) });
      await store.commit([item('a'), item('b'), item('c')]);
      // The answer was lost: b waits longer than a and c, and is sent again between what came after.
      await store.commit([item('d'), item('c'), item('a')]);
      const restarted = await again();
      const outcomes = await restarted.commit([item('e'), item('b'), item('f')]);
      expect(outcomes).toMatchObject([
        { status: 'stored' },
        { status: 'duplicate', id: 'b', rev: 2 },
        { status: 'stored' },
      ]);
      expect((await restarted.range(1, 9)).changes.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    });

    test.concurrent('stores one of two with the same key that come together', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const same = () => store.commit([put({ key: key('k') })]);
      const outcomes = (await Promise.all([same(), same(), same()])).flat();
      expect(outcomes.map(({ status }) => status)).toEqual(['stored', 'duplicate', 'duplicate']);
      expect(new Set(outcomes.map(revOf)).size).toBe(1);
    });

    test.concurrent('moves a record that changes to a new rev, if it is at the rev expected', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 't', kind: 'task', body: '{"type":"a"}' })]);
      const stale = await store.commit([put({ id: 't', kind: 'task', expect: null })]);
      expect(stale).toEqual([{ status: 'stale', rev: 1 }]);
      await store.commit([put({ id: 't', kind: 'task', expect: 1, body: '{"type":"b"}' })]);
      expect(await store.range(1, 2)).toMatchObject({ changes: [{ id: 't', rev: 2, body: '{"type":"b"}' }] });
      expect((await store.changesSince(page())).changes).toHaveLength(1);
    });

    test.concurrent('pages what is past a cursor, merged over topics in rev order, to the end and not past it', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', [])]);
      for (let n = 2; n <= 30; n++) {
        await store.commit([put({ id: `n${n}`, topics: [['user:1', 'everyone', 'user:2'][n % 3] as string] })]);
      }
      const revs: number[] = [];
      for (let after = 1, full = true; full; ) {
        const found = await store.changesSince(page({ after, limit: 4 }));
        revs.push(...found.changes.map(({ rev }) => rev));
        expect(found.head).toBe(30);
        after = found.upTo.rev;
        full = found.full;
      }
      expect(revs).toEqual([...Array(30).keys()].map((n) => n + 1).filter((n) => n > 1 && n % 3 !== 2));
    });

    test.concurrent('takes a cursor of an earlier term up to where that term ended, and no other', async ({
      onTestFinished,
    }) => {
      const { store, inAnotherTerm } = await start(onTestFinished);
      const { term: old } = await store.head();
      await store.commit([put(), put(), put()]);
      const restarted = await inAnotherTerm();
      await restarted.commit([put()]);
      const { term } = await restarted.head();
      const recovered = async (cursor: { term: string; rev: number }) =>
        (await restarted.changesSince(page({ after: cursor.rev, cursor }))).recovered;
      expect(term).not.toBe(old);
      expect(await recovered({ term: old, rev: 2 })).toBe(true);
      expect(await recovered({ term: old, rev: 3 })).toBe(true);
      expect(await recovered({ term: old, rev: 4 })).toBe(false);
      expect(await recovered({ term, rev: 3 })).toBe(true);
      expect(await recovered({ term, rev: 4 })).toBe(true);
      expect(await recovered({ term, rev: 2 })).toBe(false);
      expect(await recovered({ term, rev: 5 })).toBe(false);
      expect(await recovered({ term: 'forged', rev: 1 })).toBe(false);
    });

    test.concurrent('gives the end of a full page in the term it belongs to', async ({ onTestFinished }) => {
      const { store, inAnotherTerm } = await start(onTestFinished);
      const { term: old } = await store.head();
      await store.commit([put(), put()]);
      const restarted = await inAnotherTerm();
      await restarted.commit([put(), put()]);
      const { term } = await restarted.head();
      const first = await restarted.changesSince(page({ limit: 1 }));
      expect(first.upTo).toEqual({ term: old, rev: 1 });
      const third = await restarted.changesSince(page({ after: 2, limit: 1 }));
      expect(third.upTo).toEqual({ term, rev: 3 });
      const { upTo } = await restarted.changesSince(page({ limit: 2 }));
      expect((await restarted.changesSince(page({ after: upTo.rev, cursor: upTo }))).recovered).toBe(true);
    });

    test.concurrent('keeps what is sent to a name nobody has until a user gets it, and then counts it as new', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([put({ id: 'a', topics: ['username:bob', 'username:eve'] })]);
      await store.commit([bind('7', 'bob')]);
      // It is news for one; for the other it only has another rev.
      expect(batches.at(-1)?.changes).toMatchObject([
        { id: 'a', rev: 2, alertRev: 2, topics: ['user:7'] },
        { id: 'a', rev: 2, alertRev: 1, topics: ['username:eve'] },
      ]);
      const forBob = { userId: '7', topics: ['user:7'] };
      expect(await store.changesSince(page(forBob))).toMatchObject({ changes: [{ id: 'a' }], counts: { unread: 1 } });
      expect(await store.userId('bob')).toBe('7');
      expect(await store.commit([bind('7', 'bob')])).toEqual([{ status: 'unchanged' }]);
    });

    test.concurrent('gives a user the thousands that waited for a name in parts, in their order, and the name with the last of them', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      const waiting = Array.from({ length: 1_200 }, (_, n) => `waiting-${n}`);
      for (let n = 0; n < 1_200; n += 400) {
        await store.commit(waiting.slice(n, n + 400).map((id) => put({ id, topics: ['username:bob'] })));
      }
      const before = batches.length;
      // As two connections that open at once do.
      const [one, other] = await Promise.all([store.commit([bind('7', 'bob')]), store.commit([bind('7', 'bob')])]);
      expect([...one, ...other]).toMatchObject([{ next: 'bob' }, { next: 'bob' }]);
      expect(await store.userId('bob')).toBeNull();
      await store.commit([put({ id: 'last', topics: ['username:bob'] })]);
      let last = one[0];
      while (last && 'next' in last) [last] = await store.commit([bind('7', 'bob')]);
      expect(last).toMatchObject({ status: 'stored' });
      expect(await store.userId('bob')).toBe('7');
      const moved = batches.slice(before).map(({ changes }) => changes.filter(({ topics }) => topics[0] === 'user:7'));
      expect(Math.max(...moved.map(({ length }) => length))).toBeLessThanOrEqual(500);
      expect(moved.flat().map(({ id }) => id)).toEqual([...waiting, 'last']);
      const forBob = { userId: '7', topics: ['user:7'] };
      expect((await store.changesSince(page(forBob))).counts.unread).toBe(1_201);
    });

    test.concurrent('leaves a name with the user who has it where another’s id is the same, and gives it where nobody has it', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([bind('7', 'bob')]);
      for (let n = 0; n < 2; n++) expect(await store.commit([bind('bob', 'bob')])).toEqual([{ status: 'unchanged' }]);
      expect(await store.userId('bob')).toBe('7');
      expect(await store.commit([bind('eve', 'eve')])).toMatchObject([{ status: 'stored' }]);
      await store.commit([bind('8', 'bob')]);
      expect(await store.userId('bob')).toBe('8');
    });

    test.concurrent('does not ask for attention again at those who had a record that another gets by name', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([bind('1', 'ann')]);
      await store.commit([put({ id: 'a', topics: ['username:ann', 'username:bob'] })]);
      await store.commit([receipt('1', { ids: ['a'] })]);
      await store.commit([bind('2', 'bob')]);
      expect((await store.changesSince(page())).counts.unread).toBe(0);
      expect((await store.changesSince(page({ userId: '2' }))).counts.unread).toBe(1);
    });

    test.concurrent('gives what is sent and bound at the same moment to the user, whichever came first', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const names = Array.from({ length: 40 }, (_, n) => `u${n}`);
      await Promise.all(
        names.flatMap((username, n) => {
          const send = () => store.commit([put({ id: `to-${username}`, topics: [`username:${username}`] })]);
          const name = () => store.commit([bind(`id-${n}`, username)]);
          return n % 2 === 0 ? [send(), name()] : [name(), send()];
        }),
      );
      for (const [n, username] of names.entries()) {
        expect((await store.record(`to-${username}`))?.topics).toEqual([`user:id-${n}`]);
      }
    });

    test.concurrent('keeps a notification in its place in the list when another recipient of it becomes known', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([bind('1', 'ann')]);
      await store.commit([put({ id: 'both', topics: ['username:ann', 'username:bob'] })]);
      await store.commit([put({ id: 'later', topics: ['user:1'] })]);
      await store.commit([bind('2', 'bob')]);
      expect((await store.record('both'))?.rev).toBe(3);
      const ids = async (userId: string) => {
        const topics = [`user:${userId}`];
        const list = await store.inbox(inbox({ userId, topics }));
        const fresh = await store.initialSnapshot({ userId, topics, unread: 1, limit: 0 });
        expect(list.counts.unread).toBe(list.items.length);
        return { list: list.items.map(({ id }) => id), newest: fresh.changes.map(({ id }) => id) };
      };
      expect(await ids('1')).toEqual({ list: ['later', 'both'], newest: ['later'] });
      expect(await ids('2')).toEqual({ list: ['both'], newest: ['both'] });
    });

    test.concurrent('lets a name move to another user, with what is sent from then on', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([bind('1', 'ann')]);
      await store.commit([put({ id: 'first', topics: ['username:ann'] })]);
      await store.commit([bind('2', 'ann')]);
      await store.commit([put({ id: 'second', topics: ['username:ann'] })]);
      expect((await store.record('first'))?.topics).toEqual(['user:1']);
      expect((await store.record('second'))?.topics).toEqual(['user:2']);
      expect(await store.username('1')).toBeNull();
    });

    test.concurrent('joins each notification with the receipt of who asks, and of nobody else', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'a', topics: ['everyone'] }), put({ id: 'b', topics: ['everyone'] })]);
      await store.commit([rights('1', []), rights('2', [])]);
      await store.commit([receipt('1', { ids: ['a'] })]);
      const mine = (await store.changesSince(page())).changes;
      expect(mine.find(({ id }) => id === 'a')?.receipt?.read_at).toBe('1970-01-01T00:00:02.000Z');
      expect(mine.find(({ id }) => id === 'b')?.receipt).toBeNull();
      const theirs = await store.changesSince(page({ userId: '2', topics: ['everyone'] }));
      expect(theirs.changes.map((change) => change.receipt)).toEqual([null, null]);
      expect(theirs.counts.unread).toBe(2);
    });

    test.concurrent('reads all up to a rev, and nothing that came after it', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([put({ id: 'a' }), put({ id: 'b' }), put({ id: 'c' })]);
      await store.commit([receipt('1', { upTo: 2 })]);
      const { changes, counts } = await store.changesSince(page());
      const read = changes
        .filter(({ kind }) => kind === 'notification')
        .map((change) => change.receipt?.read_at ?? null);
      expect(read).toEqual(['1970-01-01T00:00:02.000Z', '1970-01-01T00:00:02.000Z', null]);
      expect(counts.unread).toBe(1);
      expect(await store.commit([receipt('1', { upTo: 1 })])).toEqual([{ status: 'unchanged' }]);
    });

    test.concurrent('tells in a page what the user did since, in one frame, and in a range each user apart', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), rights('2', [])]);
      await store.commit([put({ id: 'a', topics: ['everyone'] }), put({ id: 'b', topics: ['everyone'] })]);
      await store.commit([receipt('1', { ids: ['a'] }), receipt('2', { ids: ['a'] }), receipt('1', { ids: ['b'] })]);
      const { changes } = await store.changesSince(page({ after: 4 }));
      expect(changes).toMatchObject([{ kind: 'receipts', rev: 7, topics: ['user:1'] }]);
      expect(JSON.parse(changes[0]?.body ?? '').items.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
      const range = await store.range(5, 7);
      expect(range.changes.map(({ rev, topics }) => [rev, topics[0]])).toEqual([
        [5, 'user:1'],
        [6, 'user:2'],
        [7, 'user:1'],
      ]);
    });

    test.concurrent('begins a person without a cursor with the newest unread and what was never delivered', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([bind('1', 'ann'), rights('1', [])]);
      await store.commit(Array.from({ length: 30 }, (_, n) => put({ id: `p${n}` })));
      await store.commit(Array.from({ length: 5 }, (_, n) => put({ id: `e${n}`, topics: ['everyone'] })));
      await store.markDelivered(new Map([['1', 26]]));
      await store.commit([receipt('1', { ids: ['e4', 'p29'] })]);
      const topics = ['user:1', 'everyone'];
      const fresh = await store.initialSnapshot({ userId: '1', topics, unread: 6, limit: 100 });
      const expected = ['p25', 'p26', 'p27', 'p28', 'p29', 'e0', 'e1', 'e2', 'e3'];
      expect(fresh.changes.map(({ id }) => id)).toEqual(expected);
      expect(fresh).toMatchObject({ full: false, counts: { unread: 33 }, recovered: true });
    });

    test.concurrent('pages the inbox newest first, with no gap and no repeat', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit(
        Array.from({ length: 25 }, (_, n) => put({ id: `n${n}`, alert: n % 5 !== 0 ? 'ask' : 'never' })),
      );
      const ids: string[] = [];
      for (let before: number | null = null; ; ) {
        const found: Awaited<ReturnType<Store['inbox']>> = await store.inbox(
          inbox({ topics: ['user:1'], before, limit: 7 }),
        );
        ids.push(...found.items.map(({ id }) => id));
        before = found.nextBefore;
        if (before === null) break;
      }
      const shown = [...Array(25).keys()].filter((n) => n % 5 !== 0).map((n) => `n${n}`);
      expect(ids).toEqual(shown.reverse());
    });

    test.concurrent('shares transactions between callers who wait for the same disk', async ({ onTestFinished }) => {
      const { store, batches } = await start(onTestFinished);
      await Promise.all(Array.from({ length: 500 }, () => store.commit([put()])));
      expect(batches.reduce((sum, { changes }) => sum + changes.length, 0)).toBe(500);
      expect(batches.length).toBeLessThan(50);
    });

    test.concurrent('finishes what was accepted before it closes', async ({ onTestFinished }) => {
      const { store, again } = await start(onTestFinished);
      const accepted = Promise.all(Array.from({ length: 100 }, () => store.commit([put()])));
      const restarted = await again();
      expect((await accepted).flat().every(({ status }) => status === 'stored')).toBe(true);
      expect((await restarted.head()).head).toBe(100);
    });

    test.concurrent('tells texts of any kind back as they were', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const odd = ['"}', '\u2028', '🦉', 'é'.normalize('NFD'), '__proto__', 'a'.repeat(5_000)];
      for (const text of odd) {
        const body = JSON.stringify({ type: 'x', text });
        await store.commit([put({ id: `id ${text}`, topics: [`user:${text}`], body })]);
        expect(await store.record(`id ${text}`)).toMatchObject({ body, topics: [`user:${text}`] });
        const mine = { userId: text, topics: [`user:${text}`] };
        expect(await store.changesSince(page(mine))).toMatchObject({ changes: [{ body }], counts: { unread: 1 } });
      }
    });
  });
}

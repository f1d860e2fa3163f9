import { describe, expect, test } from 'vitest';
import { inbox, type OpenStore } from '../../testing/store-fixture.ts';
import { StorePerson } from '../../testing/store-person.ts';
import { put, rights } from '../../testing/temp-store.ts';
import { fold } from '../domain/inbox/search.ts';
import type { InboxQuery } from '../domain/store/inbox.ts';

/** Notifications in which a text is looked for. */
const texts = {
  percent: '100% sure',
  hundred: '1000 sure',
  underscore: 'file_name',
  filename: 'fileXname',
  backslash: 'C:\\temp\\x',
  quote: `it's "quoted"`,
  upper: 'ÄRGER im Büro',
  composed: 'caf\u00e9',
  decomposed: 'cafe\u0301',
  arabic: 'مرحبا بالعالم',
  hebrew: 'שלום \u202eעולם\u202c',
  emoji: 'shipped 🚚💨 today',
  family: 'the 👩‍👩‍👧 family',
  wide: 'ＦＵＬＬ width',
  sharp: 'STRASSE',
};

/** Lists of an inbox: their order, pages, views, filters and search. */
export function inboxContract(start: OpenStore): void {
  describe('inbox', () => {
    test.concurrent('is in the order in which things asked for attention, in pages of any size', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const topics = ['user:1', 'everyone', 'role:staff', 'user:2'];
      for (let n = 0; n < 24; n++) {
        await store.commit([
          put({
            id: `n${n}`,
            topics: [topics[n % 4] as string],
            alert: n % 5 === 4 ? 'never' : 'ask',
            collapse: `c${n}`,
          }),
        ]);
      }
      const mine = [...Array(24).keys()].filter((n) => n % 4 !== 3 && n % 5 !== 4).map((n) => `n${n}`);
      // Edited: stays where it is. Renewed and returned: on top.
      const { rev, topics: heardBy } = (await store.record('n1')) as { rev: number; topics: readonly string[] };
      await store.commit([put({ id: 'n1', topics: heardBy, alert: 'keep', expect: rev })]);
      await store.commit([put({ topics: ['role:staff'], collapse: 'c2' })]);
      await ann.mark('snooze', ['n5', 'n8'], { until: 5_000 });
      await ann.mark('archive', ['n10']);
      for (const id of ['n8', 'n5']) await ann.mark('return', id, { at: 6_000 });
      const moved = ['n2', 'n5', 'n8', 'n10'];
      const expected = ['n5', 'n8', 'n2', ...mine.filter((id) => !moved.includes(id)).reverse()];
      for (const limit of [1, 2, 5, 100]) expect(await ann.list({ limit })).toEqual(expected);
      expect(await ann.unread()).toBe(expected.length);
    });

    test.concurrent('keeps its pages where they are while things come, change, go and return', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit(Array.from({ length: 20 }, (_, n) => put({ id: `n${n}`, collapse: `c${n}` })));
      await ann.mark('snooze', ['n3', 'n4'], { until: 5_000 });
      const seen: string[] = [];
      const meanwhile = [
        () => store.commit([put({ id: 'new' })]),
        () => ann.mark('archive', ['n12', 'n2']),
        () => ann.mark('return', 'n3', { at: 6_000 }),
        () => store.commit([put({ id: 'renewed', collapse: 'c1' })]),
        () => ann.mark('read', ['n0', 'n5']),
      ];
      let before: number | null = null;
      for (let n = 0; ; n++) {
        const found: Awaited<ReturnType<typeof store.inbox>> = await store.inbox(
          inbox({ topics: ann.topics, before, limit: 4 }),
        );
        seen.push(...found.items.map(({ id }) => id));
        if (found.nextBefore === null) break;
        before = found.nextBefore;
        await meanwhile[n]?.();
      }
      const gone = ['n2', 'n3', 'n4', 'n1', 'n12'];
      const stayed = [...Array(20).keys()].map((n) => `n${n}`).filter((id) => !gone.includes(id));
      expect(seen.filter((id) => stayed.includes(id))).toEqual(stayed.reverse());
      expect(seen.length).toBe(new Set(seen).size);
    });

    test.concurrent('filters by read, category, type and time of publication, alone and together, in each view', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const all = Array.from({ length: 36 }, (_, n) => ({
        ...{ id: `n${n}`, at: 1_000 * n, category: ['', 'jobs', 'mail'][n % 3] as string },
        ...{
          type: ['user_message', 'user_file'][n % 2] as string,
          topics: [['user:1', 'role:staff'][n % 4 === 0 ? 1 : 0]],
        },
      }));
      await store.commit(all.map((one) => put({ ...one, topics: one.topics as string[] })));
      const read = all.filter((_, n) => n % 5 < 2).map(({ id }) => id);
      await ann.mark('read', read);
      const viewOf = (n: number) => (n % 7 === 0 ? 'archived' : n % 7 === 1 ? 'snoozed' : 'inbox');
      await ann.mark(
        'archive',
        all.filter((_, n) => viewOf(n) === 'archived').map(({ id }) => id),
      );
      await ann.mark(
        'snooze',
        all.filter((_, n) => viewOf(n) === 'snoozed').map(({ id }) => id),
        { until: 5_000 },
      );
      const filters: Partial<InboxQuery>[] = [
        {},
        { unread: true },
        { unread: false },
        { category: 'jobs' },
        { category: 'nothing' },
        { type: 'user_file' },
        { since: 10_000 },
        { until: 10_000 },
        { since: 10_000, until: 30_000 },
        { unread: true, category: 'mail', type: 'user_message', since: 3_000, until: 33_000 },
      ];
      for (const view of ['inbox', 'archived', 'snoozed'] as const) {
        for (const filter of filters) {
          const { unread = null, category = null, type = null, since = null, until = null } = filter;
          const expected = all
            .filter((_, n) => viewOf(n) === view)
            .filter(({ id }) => unread === null || unread !== read.includes(id))
            .filter((one) => (category === null || one.category === category) && (type === null || one.type === type))
            .filter(({ at }) => (since === null || at >= since) && (until === null || at < until));
          const ids = expected.map(({ id }) => id).reverse();
          expect(await ann.list({ view, ...filter }), `${view} ${JSON.stringify(filter)}`).toEqual(ids);
        }
      }
      const { unread, categories } = await ann.counts();
      expect(unread).toBe((await ann.list({ unread: true })).length);
      expect(Object.keys(categories).sort()).toEqual(['jobs', 'mail']);
    });

    test.concurrent('finds what returned or was edited by the same filters, once', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit(['a', 'b', 'c', 'd'].map((id) => put({ id, category: 'x', search: `found ${id}` })));
      await ann.mark('snooze', ['a'], { until: 5_000 });
      await ann.mark('return', 'a', { at: 6_000 });
      await store.commit([put({ id: 'b', category: 'x', search: 'found b', alert: 'keep', expect: 2 })]);
      for (const filter of [{ text: 'found' }, { category: 'x' }, { unread: true }, { category: 'x', text: 'found' }]) {
        for (const limit of [1, 3, 10]) {
          expect(await ann.list({ ...filter, limit }), JSON.stringify(filter)).toEqual(['a', 'd', 'c', 'b']);
        }
      }
    });

    test.concurrent('searches for text as it stands, in any script, whatever its case and composition', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      await store.commit(Object.entries(texts).map(([id, text]) => put({ id, search: fold(text) })));
      await store.commit([put({ id: 'nothing', search: null })]);
      const found: Record<string, (keyof typeof texts)[]> = {
        '%': ['percent'],
        '100%': ['percent'],
        e_n: ['underscore'],
        '\\': ['backslash'],
        '\\temp\\': ['backslash'],
        '\'s "Q': ['quote'],
        'ärger IM': ['upper'],
        büro: ['upper'],
        'Caf\u00e9': ['decomposed', 'composed'],
        'cafe\u0301': ['decomposed', 'composed'],
        مرحبا: ['arabic'],
        '\u202eעולם': ['hebrew'],
        '🚚💨': ['emoji'],
        '👩‍👩‍👧': ['family'],
        'full WIDTH': ['wide'],
        strasse: ['sharp'],
        sure: ['hundred', 'percent'],
        'no such text': [],
      };
      for (const [text, ids] of Object.entries(found)) expect(await ann.list({ text: fold(text) }), text).toEqual(ids);
      await ann.mark('archive', 'percent');
      expect(await ann.list({ text: '%', view: 'archived' })).toEqual(['percent']);
    });

    test.concurrent('looks at a bounded part in one filtered page, and finds all that matches in the end', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ann = new StorePerson(store, '1');
      const many = 11_000;
      const needles = new Set([0, 5_500, many - 1]);
      for (let n = 0; n < many; n += 1_000) {
        const part = Array.from({ length: Math.min(1_000, many - n) }, (_, i) => n + i);
        await store.commit(
          part.map((at) => put({ id: `n${at}`, search: needles.has(at) ? 'needle' : 'hay', category: 'c', type: 't' })),
        );
      }
      const { rev } = (await store.record('n5500')) as { rev: number };
      await store.commit([put({ id: 'n5500', search: 'needle', category: 'c', alert: 'keep', expect: rev })]);
      const expected = [`n${many - 1}`, 'n5500', 'n0'];
      for (const filter of [{ text: 'needle' }, { text: 'needle', category: 'c' }]) {
        const pages: number[] = [];
        const ids: string[] = [];
        for (let before: number | null = null; ; ) {
          const found: Awaited<ReturnType<typeof store.inbox>> = await store.inbox(
            inbox({ topics: ['user:1'], ...filter, before, limit: 10 }),
          );
          pages.push(found.items.length);
          ids.push(...found.items.map(({ id }) => id));
          expect(found.counts.unread).toBe(many);
          before = found.nextBefore;
          if (before === null) break;
        }
        expect(ids).toEqual(expected);
        expect(pages.length, 'no page looked at everything').toBeGreaterThan(2);
      }
      expect(await ann.list({ text: 'needle', limit: 1 })).toEqual(expected);
    });

    test.concurrent('begins a new device with the newest unread of every topic, each once, counted in all', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const topics = ['user:1', 'everyone', 'role:staff'];
      await store.commit(
        Array.from({ length: 12 }, (_, n) =>
          put({ id: `n${n}`, topics: [topics[n % 3] as string], collapse: `c${n}` }),
        ),
      );
      await ann.mark('snooze', ['n0', 'n1', 'n2'], { until: 5_000 });
      for (const id of ['n0', 'n1', 'n2']) await ann.mark('return', id, { at: 6_000 });
      await ann.mark('read', ['n11']);
      await ann.mark('archive', ['n10']);
      await store.commit([put({ topics: ['role:staff'], collapse: 'c5' })]);
      const fresh = await store.initialSnapshot({
        userId: '1',
        topics: ann.topics,
        unread: 6,
        limit: 0,
      });
      expect(new Set(fresh.changes.map(({ id }) => id))).toEqual(new Set(['n5', 'n2', 'n1', 'n0', 'n9', 'n8']));
      expect(fresh.changes.length).toBe(6);
      expect(fresh.counts.unread).toBe(10);
      expect(await ann.unread()).toBe(10);
    });
  });
}

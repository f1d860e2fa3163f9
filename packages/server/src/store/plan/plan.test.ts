import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bind, put, receipt, rights, TempFolder } from '../../../testing/temp-store.ts';
import type { PutWrite, Write } from '../../domain/writes.ts';
import type { Applied, WriteGroup } from '../engine.ts';
import { prepareDatabase } from '../sqlite/open.ts';
import { sqliteStatements } from '../sqlite/statements.ts';
import { SqliteWriter } from '../sqlite/writer.ts';

/** Few of everything, so that writes meet. */
const users = ['1', '2', '3'];
const names = ['ann', 'bob'];
const ids = ['rec-a', 'rec-b', 'rec-c', 'rec-d'];
const topic = fc.constantFrom(
  ...users.map((id) => `user:${id}`),
  ...names.map((name) => `username:${name}`),
  ...['everyone', 'role:x', 'task:t'],
);
const topics = fc.uniqueArray(topic, { minLength: 1, maxLength: 3 });
const key = fc.option(
  fc.record({ key: fc.constantFrom('k1', 'k2', 'k3\n"\\'), hash: fc.constantFrom('h', 'h', 'h', 'other') }),
  { freq: 1 },
);
const text = fc.constantFrom(null, 'quoted "text" \\ and\nlines', 'NUL \u0000 and \u0001', '🦉');

const plain = fc.record({
  topics,
  key,
  category: fc.constantFrom('', 'c1'),
  search: text,
  alert: fc.constantFrom('ask', 'never'),
});
const other = fc.record({
  ...{ topics: fc.uniqueArray(topic, { maxLength: 3 }), key, category: fc.constantFrom('', 'c1') },
  alert: fc.constantFrom('ask', 'keep', 'never'),
  expired: fc.boolean(),
  kind: fc.constantFrom('notification', 'notification', 'retracted', 'task'),
  collapse: fc.constantFrom(null, 'same'),
  expect: fc.constantFrom<'none' | 'whatever' | 'right' | 'wrong'>('none', 'whatever', 'right', 'right', 'wrong'),
  status: fc.constantFrom(null, null, 'answered'),
  externalId: fc.constantFrom(null, 'e1', 'rec-a'),
  dueAt: fc.constantFrom(null, 5_000),
  taskId: fc.constantFrom(undefined, undefined, 't1'),
  linked: fc.constantFrom(undefined, undefined, undefined, [], ['rec-a'], ['rec-b', 'rec-a']),
  shows: fc.constantFrom(undefined, undefined, undefined, 'rec-c'),
});

type Step =
  | { op: 'plain'; over: Partial<PutWrite> }
  | {
      op: 'put';
      id: string;
      over: Omit<Partial<PutWrite>, 'expect' | 'linked' | 'shows'> & {
        expect: 'none' | 'whatever' | 'right' | 'wrong';
        linked: string[] | undefined;
        shows: string | undefined;
      };
    }
  | { op: 'write'; write: Write };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: plain.map((over): Step => ({ op: 'plain', over: over as Partial<PutWrite> })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...ids), other)
      .map(([id, over]): Step => ({ op: 'put', id, over: over as never })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        userId: fc.constantFrom(...users),
        ids: fc.array(fc.constantFrom(...ids, 'new-1', 'new-2', 'e1', 'nowhere'), { maxLength: 4 }),
        upTo: fc.constantFrom(null, null, null, 2, 5, 1_000),
        mark: fc.constantFrom('seen', 'read', 'unread', 'archive', 'unarchive', 'snooze', 'unsnooze', 'return'),
        until: fc.constantFrom(1_500, 9_000),
        shared: fc.subarray(['everyone', 'role:x']),
      })
      .map(({ userId, shared, ...over }): Step => {
        const until = over.mark === 'snooze' ? over.until : null;
        return {
          op: 'write',
          write: receipt(userId, { ...over, until, topics: [`user:${userId}`, ...shared] } as never),
        };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...users), fc.constantFrom(...names))
      .map(([userId, name]): Step => ({ op: 'write', write: bind(userId, name) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...users),
        fc.subarray(['x', 'y']),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(0, 500),
      )
      .map(
        ([userId, roles, n, from]): Step => ({
          op: 'write',
          write: rights(userId, roles, { issuedAt: 1_000 * n, at: 1_000 * n, visibleFrom: from * n }),
        }),
      ),
  },
);
const commits = fc.array(
  fc.array(fc.record({ atomic: fc.boolean(), steps: fc.array(step, { minLength: 1, maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  { minLength: 1, maxLength: 8 },
);

const tables = {
  records: 'rev',
  record_topics: 'topic, rev',
  receipts: 'user_id, record_id',
  users: 'user_id',
  audiences: 'user_id, topic',
  'unread_counts where unread <> 0': 'user_id, category',
  idempotency: 'key',
  sequence: 'id',
};

async function opened(file: string) {
  const database = await prepareDatabase(file);
  const writer = new SqliteWriter(database, sqliteStatements);
  writer.beginTerm('term');
  const rows = (statement: string) => database.prepare<[], Record<string, unknown>>(statement).all();
  return {
    ...{ database, writer, rows },
    tables: () => Object.entries(tables).map(([table, order]) => rows(`select * from ${table} order by ${order}`)),
  };
}

/** The results, without the counts in frames, which are those at the end of their batch. */
const readable = (all: readonly Applied[]): object => ({
  outcomes: all.flatMap(({ outcomes }) => outcomes),
  adjustments: all.flatMap(({ adjustments }) => adjustments),
  produced: all.flatMap(({ produced }) =>
    produced.map((change) => {
      const { as_of: _, unread_count: __, categories: ___, read_upto: ____, ...body } = JSON.parse(change.body);
      return { ...change, body };
    }),
  ),
});

/** The unread counts of users' own topics, counted from the rows. */
const counted = `select substr(t.topic, 6) as user_id, t.category, count(*) as unread from record_topics t
  left join users u on u.user_id = substr(t.topic, 6)
  left join receipts c on c.user_id = substr(t.topic, 6) and c.record_id = t.record_id
  where t.topic like 'user:%' and t.alert_rev > 0 and t.expired = 0 and c.archived_at is null and c.snoozed_until is null
    and (c.marked_unread = 1 or max(t.alert_rev, coalesce(c.alert_rev, 0)) > max(coalesce(u.read_upto, 0), coalesce(c.read_rev, 0)))
  group by 1, 2 order by 1, 2`;

test('a batch comes to what its writes come to one by one, and keeps the counts that the rows have', async () => {
  const folder = new TempFolder();
  let files = 0;
  const property = fc.asyncProperty(commits, async (given) => {
    const [together, alone] = [await opened(folder.file(`${++files}.db`)), await opened(folder.file(`${++files}.db`))];
    try {
      let made = 0;
      for (const groups of given) {
        const revs = new Map(together.rows('select id, rev from records').map(({ id, rev }) => [id, rev as number]));
        const toWrite = (one: Step): Write => {
          if (one.op === 'write') return one.write;
          if (one.op === 'plain') return put({ id: `new-${++made}`, at: 1_000 * made, ...one.over });
          const { expect: expected, linked, shows, ...over } = one.over;
          const rev = { none: null, whatever: undefined, right: revs.get(one.id) ?? null, wrong: 999 }[expected];
          return put({
            ...{ id: one.id, at: 70_000, ...over, expect: rev },
            ...(linked && { linked: { taskId: 't1', ids: linked } }),
            ...(shows && { shows: { id: shows, rev: revs.get(shows) ?? 999 } }),
          });
        };
        const writes = groups.map(({ atomic, steps }): WriteGroup => ({ atomic, writes: steps.map(toWrite) }));
        let all: Applied;
        try {
          all = together.writer.apply(writes);
        } catch (error) {
          // Two records of one id, which nobody writes.
          if ((error as Error).message === 'UNIQUE constraint failed: records.id') return;
          throw error;
        }
        expect(readable([all])).toEqual(readable(writes.map((group) => alone.writer.apply([group]))));
        expect(together.tables()).toEqual(alone.tables());
        const kept = together.rows('select * from unread_counts where unread <> 0 order by user_id, category');
        expect(kept).toEqual(together.rows(counted));
      }
    } finally {
      together.database.close();
      alone.database.close();
    }
  });
  await fc.assert(property, { numRuns: 20 });
  folder.remove();
}, 120_000);

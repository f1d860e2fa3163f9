import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { bind, put, receipt, rights, TempFolder } from '../../../testing/temp-store.ts';
import type { PutWrite, Write } from '../../domain/ports.ts';
import type { Applied, Row, WriteGroup } from '../engine.ts';
import { inboxSteps } from '../inbox-pages.ts';
import { initialSteps, pageSteps } from '../pages.ts';
import { sqliteCompiler } from '../sqlite/dialect.ts';
import { prepareDatabase } from '../sqlite/open.ts';
import { SqliteWriter } from '../sqlite/writer.ts';
import { valuesOf } from '../statement.ts';
import { statements } from '../statements.ts';
import { type Step as ReadStep, step as stepOf, stepsIn } from '../steps.ts';
import { decodeText } from './characters.ts';
import { PostgresEngine } from './engine.ts';

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
  callback: fc.constantFrom(undefined, undefined, { url: 'http://localhost/', body: '{}' }),
});

type Step =
  | { op: 'plain'; over: Partial<PutWrite> }
  | {
      op: 'put';
      id: string;
      over: Omit<Partial<PutWrite>, 'expect'> & { expect: 'none' | 'whatever' | 'right' | 'wrong' };
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
        ([userId, roles, n, since]): Step => ({
          op: 'write',
          write: rights(userId, roles, { issuedAt: 1_000 * n, at: 1_000 * n, since: since * n }),
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
  marks: 'at',
  deliveries: 'id',
  sequence: 'id',
};

const emptied = `truncate records, record_topics, receipts, users, audiences, unread_counts, idempotency, marks, deliveries, terms,
  history; update sequence set head = 0, floor = 0`;

/** A row with everything as text, as it was before it was made fit for PostgreSQL. */
function plainRow(row: object): object {
  const texts = Object.entries(row).map(([name, value]) => {
    if (value === null) return [name, null];
    if (name === 'topics') return [name, (JSON.parse(value) as string[]).map(decodeText)];
    return [name, decodeText(String(value))];
  });
  return Object.fromEntries(texts);
}

const texts = statements(sqliteCompiler());

/** What comes in no order, or whose order leaves some alike. */
const inNoOrder = /^(ownCounts|sharedAbove|sharedBelow|receipts|audiences|watermarks|due)/;

/** What is read of a person: pages, what is fresh, the inbox in each of its views, filtered and not, and ranges of all. */
const steps: ReadStep[] = users.slice(0, 2).flatMap((userId) => {
  const [topics, shared] = [[`user:${userId}`, 'everyone', 'role:x'], ['everyone']];
  const all = { userId, topics, limit: 5 };
  const inbox = {
    ...{ userId, topics, before: null, limit: 5, view: 'inbox' as const, unread: null },
    ...{ category: null, type: null, since: null, until: null, text: null },
  };
  return [
    ...stepsIn(pageSteps({ ...all, after: 0, cursor: null })),
    ...stepsIn(pageSteps({ ...all, topics: shared, after: 4, cursor: null })),
    ...stepsIn(initialSteps({ ...all, unread: 3 })),
    ...(['inbox', 'archived', 'snoozed'] as const).flatMap((view) => stepsIn(inboxSteps({ ...inbox, view }))),
    ...stepsIn(inboxSteps({ ...inbox, before: 6, unread: true, type: 'user_message', since: 0, until: 60_000 })),
    ...stepsIn(inboxSteps({ ...inbox, category: 'c1', unread: false, text: 'quoted "' })),
    ...(['range', 'receiptsRange', 'watermarksRange', 'audiencesRange'] as const).map((name) =>
      stepOf(name, { from: 2, to: 9 }),
    ),
    ...(['dueRecords', 'dueReceipts'] as const).map((name) => stepOf(name, { now: 6_000, limit: 50 })),
    stepOf('topicNewest', { topic: 'everyone', limit: 3 }),
    stepOf('oldRetractions', { before: 80_000, limit: 5 }),
    stepOf('sequence'),
  ];
});

/** With the bodies that the database made as objects, since their members have no order. */
const readable = (applied: Applied): object => ({
  ...applied,
  produced: applied.produced.map((change) => ({ ...change, body: JSON.parse(change.body) })),
});

async function dump(run: (statement: string) => object[] | Promise<object[]>): Promise<object> {
  const all: Record<string, object[]> = {};
  for (const [table, order] of Object.entries(tables)) {
    all[table] = (await run(`select * from ${table} order by ${order}`)).map(plainRow);
  }
  return all;
}

test('stores, tells and counts whatever comes as SQLite does', async () => {
  const database = await TestDatabase.create();
  const reader = new PostgresEngine(database.url);
  await reader.open();
  const folder = new TempFolder();
  let files = 0;
  const property = fc.asyncProperty(commits, async (given) => {
    await database.query(emptied);
    const engine = new PostgresEngine(database.url);
    const sqlite = await prepareDatabase(folder.file(`${++files}.db`));
    const writer = new SqliteWriter(sqlite);
    try {
      writer.beginTerm((await engine.open()).term);
      let made = 0;
      for (const groups of given) {
        const revOf = (id: string) =>
          (sqlite.prepare('select rev from records where id = ?').get(id) as Row | undefined)?.rev;
        const toWrite = (one: Step): Write => {
          if (one.op === 'write') return one.write;
          if (one.op === 'plain') return put({ id: `new-${++made}`, at: 1_000 * made, ...one.over });
          const { expect: expected, ...over } = one.over;
          const now = revOf(one.id) as number | undefined;
          const rev = { none: null, whatever: undefined, right: now ?? null, wrong: 999 }[expected];
          return put({ id: one.id, at: 70_000, ...over, expect: rev });
        };
        const writes = groups.map(({ atomic, steps }): WriteGroup => ({ atomic, writes: steps.map(toWrite) }));
        let expected: Applied;
        try {
          expected = writer.apply(writes);
        } catch {
          await expect(engine.apply(writes)).rejects.toThrow('refused');
          continue;
        }
        const { term: _term, ...applied } = await engine.apply(writes);
        expect(readable(applied)).toEqual(readable(expected));
        const read = await dump((statement) => database.query(statement));
        expect(read).toEqual(await dump((statement) => sqlite.prepare(statement).all() as object[]));
      }
      const found = await reader.read(steps);
      const there = steps.map(
        ({ name, params }) => sqlite.prepare(texts[name].sql).all(...valuesOf(texts[name], params)) as Row[],
      );
      steps.forEach(({ name }, i) => {
        // Counts of nothing may be there or not.
        const rows = (of: Row[] = []) => {
          const kept = of.filter((row) => row.n !== 0).map(plainRow);
          return inNoOrder.test(name) ? kept.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : kept;
        };
        expect([name, rows(found[i])]).toEqual([name, rows(there[i])]);
      });
    } finally {
      await engine.close();
      sqlite.close();
    }
  });
  await fc.assert(property, { numRuns: 15 });
  await reader.close();
  await database.drop();
  folder.remove();
}, 120_000);

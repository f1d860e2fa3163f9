import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { bind, put, receipt, rights } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';
import { roomStateRecord } from '../../domain/room-state.ts';
import type { PutWrite, Write } from '../../domain/writes.ts';

/** Two nodes on one database. */
async function twoNodes() {
  const database = await TestDatabase.create();
  onTestFinished(() => database.drop());
  const node = async () => {
    const store = database.store();
    onTestFinished(() => store.close());
    await store.open();
    return store;
  };
  return { database, one: await node(), other: await node() };
}

/** Holds the lock that commits wait for, until so many do. */
async function holdingSequence(database: TestDatabase) {
  const client = new pg.Client(database.url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('begin; select * from sequence for update');
  const waiting = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return {
    async untilWaiting(n: number) {
      while ((await client.query<{ n: number }>(waiting)).rows[0]?.n !== n);
    },
    release: () => client.query('rollback'),
  };
}

/** The unread counts of users' own topics, as stored and as computed from the rows. */
async function ownCounts(database: TestDatabase, userId: string) {
  const kept = await database.query(
    `select coalesce(sum(unread), 0)::int as n from unread_counts where user_id = '${userId}'`,
  );
  await database.query(`select tidings_count_anew('${userId}')`);
  const counted = await database.query(
    `select coalesce(sum(unread), 0)::int as n from unread_counts where user_id = '${userId}'`,
  );
  return { kept: kept[0]?.n, counted: counted[0]?.n };
}

const edit = (over: Partial<PutWrite>) => put({ id: 'a', alert: 'keep', expect: undefined, ...over });

interface Meeting {
  name: string;
  before?: Write;
  first: Write;
  second: Write;
  /** The outcome of the second, which was planned before the first was stored. */
  outcome: object;
  unread: number;
}

const taskPut = (over: Partial<PutWrite>) => put({ id: 'task:t', kind: 'task', alert: 'never', ...over });
const reported = taskPut({ expect: 3, linked: { taskId: 't', ids: [] } });
const linked = put({ id: 'n', taskId: 't', shows: { id: 'task:t', rev: 3 } });

const meetings: Meeting[] = [
  {
    ...{ name: 'a new link and a report that knows of none', before: taskPut({}), first: linked, second: reported },
    ...{ outcome: { status: 'stale', rev: 3 }, unread: 3 },
  },
  {
    ...{ name: 'a report and a new link that shows what was before', before: taskPut({}), first: reported },
    ...{ second: linked, outcome: { status: 'stale', rev: null }, unread: 2 },
  },
  {
    ...{ name: 'versions of one record', first: edit({ expect: 1 }), second: edit({ expect: 1 }) },
    ...{ outcome: { status: 'stale', rev: 3 }, unread: 2 },
  },
  {
    ...{
      name: 'versions of one record, whatever it is',
      first: edit({ expired: true }),
      second: edit({ category: 'c' }),
    },
    ...{ outcome: { status: 'stored', rev: 4 }, unread: 2 },
  },
  {
    ...{ name: 'one key', first: put({ id: 'x', key: { key: 'k', hash: 'h' } }) },
    ...{ second: put({ id: 'y', key: { key: 'k', hash: 'h' } }) },
    ...{ outcome: { status: 'duplicate', id: 'x', rev: 3 }, unread: 3 },
  },
  {
    ...{ name: 'one key with two texts', first: put({ id: 'x', key: { key: 'k', hash: 'h' } }) },
    ...{ second: put({ id: 'y', key: { key: 'k', hash: 'other' } }) },
    ...{ outcome: { status: 'mismatch' }, unread: 3 },
  },
  {
    ...{ name: 'notifications that collapse', first: put({ id: 'x', collapse: 'same' }) },
    ...{ second: put({ id: 'y', collapse: 'same' }) },
    ...{ outcome: { status: 'stored', id: 'x', rev: 4, collapsed: true }, unread: 3 },
  },
  {
    ...{ name: 'marks of one notification', first: receipt('1', { ids: ['a'], mark: 'read' }) },
    ...{ second: receipt('1', { ids: ['a'], mark: 'archive' }), outcome: { status: 'stored', rev: 4 }, unread: 1 },
  },
  {
    ...{ name: 'the same mark', first: receipt('1', { ids: ['a'] }), second: receipt('1', { ids: ['a'] }) },
    ...{ outcome: { status: 'unchanged' }, unread: 1 },
  },
  {
    ...{ name: 'reading up to a rev and an expiry', first: receipt('1', { upTo: 2 }), second: edit({ expired: true }) },
    ...{ outcome: { status: 'stored', rev: 4 }, unread: 0 },
  },
  {
    ...{ name: 'marking as unread and reading up to a rev', before: receipt('1', { ids: ['r'] }) },
    ...{ first: receipt('1', { ids: ['r'], mark: 'unread' }), second: receipt('1', { upTo: 2 }) },
    ...{ outcome: { status: 'stored', rev: 5 }, unread: 0 },
  },
  {
    ...{ name: 'a name that is given and what is sent to it', first: bind('1', 'ann') },
    ...{ second: put({ id: 'x', topics: ['username:ann'] }), outcome: { status: 'stored', id: 'x' }, unread: 3 },
  },
  {
    ...{ name: 'what is sent to a name and the name that is given', first: put({ id: 'x', topics: ['username:ann'] }) },
    ...{ second: bind('1', 'ann'), outcome: { status: 'stored', rev: 4 }, unread: 3 },
  },
  {
    ...{ name: 'evidence of roles, the newer first', first: rights('1', ['x'], { issuedAt: 2_000 }) },
    ...{ second: rights('1', [], { issuedAt: 1_000 }), outcome: { status: 'unchanged' }, unread: 2 },
  },
  {
    ...{ name: 'evidence of roles, the older first', first: rights('1', ['x'], { issuedAt: 1_000 }) },
    ...{ second: rights('1', [], { issuedAt: 2_000 }), outcome: { status: 'stored' }, unread: 2 },
  },
];

test.each(meetings)(
  'a batch that was planned before another node changed its rows is planned again: $name',
  async ({ before, first, second, outcome, unread }) => {
    const { database, one, other } = await twoNodes();
    await one.commit([put({ id: 'a' }), put({ id: 'r' }), ...(before ? [before] : [])]);
    const holder = await holdingSequence(database);
    const earlier = one.commit([first]);
    await holder.untilWaiting(1);
    const later = other.commit([second]);
    await holder.untilWaiting(2);
    await holder.release();
    expect(await earlier).toMatchObject([{ status: 'stored' }]);
    expect(await later).toMatchObject([outcome]);
    expect(await ownCounts(database, '1')).toEqual({ kept: unread, counted: unread });
    expect(await database.query('select count(*)::int as n from records group by id having count(*) > 1')).toEqual([]);
  },
);

test("two nodes that change one record as fast as they can lose neither one's changes", async () => {
  const { database, one, other } = await twoNodes();
  await one.commit([put({ id: 'a', state: '0' })]);
  const rounds = 40;
  const add = async (store: Store) => {
    for (let n = 0; n < rounds; ) {
      const { rev, state } = (await store.record('a')) ?? { rev: null, state: '' };
      const [outcome] = await store.commit([edit({ expect: rev, state: String(Number(state) + 1) })]);
      if (outcome?.status === 'stored') n++;
    }
  };
  await Promise.all([add(one), add(other)]);
  expect(await one.record('a')).toMatchObject({ state: String(2 * rounds) });
  expect(await one.head()).toMatchObject({ head: 1 + 2 * rounds });
  expect(await ownCounts(database, '1')).toEqual({ kept: 1, counted: 1 });
});

test('two nodes that set new keys of a room at once give it no more than it may have', async () => {
  const { one, other } = await twoNodes();
  const keys = { atMost: 10, knownRev: null };
  const set = (store: Store, key: string) => {
    const entry = { room: 'project:12', key, value: 1, from: null, expiresAt: null };
    return store.commit([roomStateRecord(entry, 1, { expect: undefined, once: null, keys })]);
  };
  const all = Array.from({ length: 20 }, (_, n) => set(n % 2 === 0 ? one : other, `k${n}`));
  const statuses = (await Promise.all(all)).map(([outcome]) => outcome?.status);
  expect(statuses.filter((status) => status === 'full')).toHaveLength(10);
  const view = { topic: 'room:project:12', userId: '', isGranted: true };
  expect(await one.roomState(view)).toHaveLength(10);
  // A key that is there is no further one, whatever was known of it.
  const [entry] = await one.roomState(view);
  expect(await set(other, JSON.parse(entry?.body ?? '{}').key)).toMatchObject([{ status: 'stored' }]);
});

test('two nodes that write the same records in whatever batches end with counts that the rows have, and every batch is stored', async () => {
  const { database, one, other } = await twoNodes();
  const ids = Array.from({ length: 6 }, (_, n) => `shared-${n}`);
  await one.commit(ids.map((id) => put({ id })));
  const marks = ['read', 'unread', 'archive', 'unarchive'] as const;
  const heard: number[] = [];
  for (const store of [one, other])
    store.onBatch(({ from, to }) => heard.push(...Array.from({ length: to - from + 1 }, (_, i) => from + i)));
  const write = async (store: Store, seed: number) => {
    for (let n = 0; n < 25; n++) {
      const pick = <T>(list: readonly T[], by: number) => list[(seed * n + by) % list.length] as T;
      await store.commit([
        receipt('1', { ids: [pick(ids, 1), pick(ids, 3)], mark: pick(marks, n) }),
        put({ id: pick(ids, 2), expect: undefined, alert: n % 3 === 0 ? 'ask' : 'keep', expired: n % 5 === 0 }),
        put({ collapse: 'same' }),
        ...(n % 7 === 0 ? [receipt('1', { upTo: 5 + n })] : []),
      ]);
    }
  };
  await Promise.all([write(one, 3), write(one, 5), write(other, 7), write(other, 11)]);
  const { kept, counted } = await ownCounts(database, '1');
  expect(kept).toBe(counted);
  const { head } = await one.head();
  expect(heard.sort((a, b) => a - b)).toEqual(Array.from({ length: head - ids.length }, (_, i) => ids.length + 1 + i));
  expect(await database.query('select count(*)::int as n from records where collapse is not null')).toEqual([{ n: 1 }]);
}, 60_000);

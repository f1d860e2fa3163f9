import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { put } from '../../../testing/temp-store.ts';
import { until } from '../../../testing/world.ts';
import type { Store } from '../../domain/ports.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await TestDatabase.createEmpty();
  cleanups.push(() => database.drop());
  return database;
}

async function node(database: TestDatabase): Promise<Store> {
  const store = database.store();
  cleanups.push(() => store.close());
  await store.open();
  return store;
}

/** A node in a process of its own, which commits as fast as it can, and the revs it was given. */
async function committingProcess(url: string, name: string) {
  const script = fileURLToPath(new URL('../../../testing/committing-node.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=tidings-source', script, url, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const revs: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as number[] | { opened: true };
    if (Array.isArray(said)) revs.push(...said);
  });
  await until(() => revs.length > 0);
  return { revs, signal: (name: NodeJS.Signals) => child.kill(name) };
}

const revOf = (outcome: unknown): number => (outcome as { rev: number }).rev;

test('several nodes that open an empty database at once migrate it once, and share its term', async () => {
  const database = await emptyDatabase();
  const stores = [database.store(), database.store(), database.store()];
  cleanups.push(() => Promise.all(stores.map((store) => store.close())));
  const heads = await Promise.all(stores.map((store) => store.open()));
  expect(new Set(heads.map(({ term }) => term)).size).toBe(1);
  expect(heads.map(({ head }) => head)).toEqual([0, 0, 0]);
  const outcomes = await Promise.all(stores.map((store) => store.commit([put()])));
  expect(outcomes.flat().map(revOf).sort()).toEqual([1, 2, 3]);
});

test('revs are unique and without gaps whichever node commits, and nobody sees one before those below it', async () => {
  const database = await emptyDatabase();
  const [one, other, reader] = [await node(database), await node(database), await node(database)];
  const revs: number[] = [];
  let isDone = false;
  const writer = async (store: Store, n: number) => {
    for (let i = 0; i < 30; i++) {
      const puts = Array.from({ length: 1 + ((i * n) % 7) }, () => put());
      revs.push(...(await store.commit(puts, { atomic: i % 2 === 0 })).map(revOf));
    }
  };
  const watch = async () => {
    let seen = 0;
    while (!isDone) {
      const { head } = await reader.head();
      const { changes } = await reader.range(seen + 1, head);
      expect(changes.map(({ rev }) => rev)).toEqual(Array.from({ length: head - seen }, (_, i) => seen + 1 + i));
      seen = head;
    }
  };
  const watching = watch();
  await Promise.all([writer(one, 1), writer(one, 2), writer(other, 3), writer(other, 5)]);
  isDone = true;
  await watching;
  expect(revs.sort((a, b) => a - b)).toEqual(Array.from({ length: revs.length }, (_, i) => i + 1));
});

test('a node that is stopped in the middle of its commits stops nobody else, and goes on when it wakes', async () => {
  const database = await emptyDatabase();
  const store = await node(database);
  const busy = await committingProcess(database.url, 'busy');
  for (let n = 0; n < 5; n++) {
    busy.signal('SIGSTOP');
    const before = busy.revs.length;
    for (let i = 0; i < 20; i++) await store.commit([put(), put()]);
    busy.signal('SIGCONT');
    await until(() => busy.revs.length > before + 200);
  }
  const { head } = await store.head();
  const { changes } = await store.range(1, head);
  expect(changes.map(({ rev }) => rev)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
  expect(new Set(busy.revs).size).toBe(busy.revs.length);
}, 60_000);

test('what one node marks as delivered while another commits is kept', async () => {
  const database = await emptyDatabase();
  const [one, other] = [await node(database), await node(database)];
  const users = Array.from({ length: 200 }, (_, n) => String(n));
  await one.commit(users.map((userId) => ({ op: 'bind', userId, username: `name-${userId}` })));
  const upwards = () => other.markDelivered(new Map(users.map((userId) => [userId, 7])));
  const downwards = () => one.markDelivered(new Map(users.toReversed().map((userId) => [userId, 9])));
  const renames = () => one.commit(users.map((userId) => ({ op: 'bind', userId, username: `new-${userId}` })));
  await Promise.all([upwards(), downwards(), renames(), upwards(), downwards()]);
  const rows = await database.query('select distinct delivered_upto from users');
  expect(rows).toEqual([{ delivered_upto: '9' }]);
});

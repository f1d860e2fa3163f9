import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { sqliteFixture } from '../../../testing/databases.ts';
import { put, sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';
import { storeContract } from '../store.contract.ts';

/** The most tests of the contract at once: those after them have their threads. */
let places = 8;
const waiting: (() => void)[] = [];

storeContract('SQLite', async () => {
  if (places === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else places--;
  const fixture = sqliteFixture();
  const remove = () => {
    fixture.remove();
    const next = waiting.shift();
    if (next) next();
    else places++;
  };
  return { ...fixture, remove };
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function folder(): TempFolder {
  const made = new TempFolder();
  cleanups.push(() => made.remove());
  return made;
}

async function opened(path: string): Promise<Store> {
  const store = sqliteStore(path);
  await store.open();
  cleanups.push(() => store.close());
  return store;
}

/** A process that owns the database, commits what it is told line by line, and answers after each. */
function committer(path: string) {
  const script = fileURLToPath(new URL('../../../testing/committing-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=tidings-source', script, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    answer: async () => JSON.parse((await lines.next()).value as string),
    tell: (id: string, key: string) => child.stdin.write(`${JSON.stringify({ id, key })}\n`),
    async kill() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('what was answered is there after kill -9, under its key, and the process that comes next may go on', async () => {
  const path = folder().file();
  const process = committer(path);
  expect(await process.answer()).toEqual({ opened: true });
  process.tell('a', 'k1');
  const { rev } = await process.answer();
  await process.kill();
  const store = await opened(path);
  const again = put({ id: 'b', key: { key: 'k1', hash: 'h' } });
  expect(await store.commit([again])).toEqual([{ status: 'duplicate', id: 'a', rev }]);
});

test('a second process is refused with a sentence, and leaves the first alone', async () => {
  const path = folder().file();
  const process = committer(path);
  await process.answer();
  await expect(sqliteStore(path).open()).rejects.toThrow(/is in use by another Tidings process, .*; stop that one/);
  process.tell('a', 'k');
  expect(await process.answer()).toMatchObject({ status: 'stored', rev: 1 });
});

test('a second store of the same process is refused too, and may open once the first has closed', async () => {
  const path = folder().file();
  const first = sqliteStore(path);
  await first.open();
  await expect(sqliteStore(path).open()).rejects.toMatchObject({ code: 'conflict' });
  await first.close();
  await opened(path);
});

test.each([
  ['a symbolic link', (path: string) => symlinkSync(path, `${path}-other`), '-other'],
  ['its name, where the file of the lock was deleted', (path: string) => rmSync(`${path}-lock`), ''],
])('a second process is refused by %s', { skip: process.platform !== 'linux' }, async (_name, prepare, other) => {
  const path = folder().file();
  const process = committer(path);
  await process.answer();
  prepare(path);
  await expect(sqliteStore(path + other).open()).rejects.toMatchObject({ code: 'conflict' });
  process.tell('a', 'k');
  expect(await process.answer()).toMatchObject({ status: 'stored', rev: 1 });
  await process.kill();
  const store = await opened(path + other);
  expect(await store.head()).toMatchObject({ head: 1 });
});

test('a file with two names is refused by either, since its log goes with one of them', async () => {
  const path = folder().file();
  const process = committer(path);
  await process.answer();
  process.tell('a', 'k');
  await process.answer();
  linkSync(path, `${path}-other`);
  await expect(sqliteStore(`${path}-other`).open()).rejects.toThrow(/it has 2 names \(hard links\)/);
  await process.kill();
  await expect(sqliteStore(path).open()).rejects.toThrow(/remove the other names, or make them symbolic links$/);
  rmSync(`${path}-other`);
  expect(await (await opened(path)).head()).toMatchObject({ head: 1 });
});

test.each([
  ['moves the sequence', 'update sequence set head = head + 1', /its sequence is at 2, and was at 1/],
  ['begins a term', "insert into terms (term, from_rev) values ('other', 2)", /another server has opened it/],
])(
  'nothing is stored once another program %s, which is said, and a restart goes on',
  async (_name, statement, words) => {
    const path = folder().file();
    const store = sqliteStore(path);
    await store.open();
    await store.commit([put({ id: 'a' })]);
    const other = new Database(path);
    other.exec('create table notes (text text)');
    expect(await store.commit([put({ id: 'b', expect: 5 })])).toMatchObject([{ status: 'stale' }]);
    other.exec(statement);
    other.close();
    for (let n = 0; n < 2; n++) {
      const failure = store.commit([put({ id: 'c' })]);
      await expect(failure).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(words) });
    }
    await store.probe();
    expect(store.health()).toMatchObject({ ok: false, reason: expect.stringMatching(words) });
    await store.close();
    const next = await opened(path);
    expect(await next.commit([put({ id: 'c' })])).toMatchObject([{ status: 'stored' }]);
  },
);

test('the files of a database are made for their owner alone', { skip: process.platform === 'win32' }, async () => {
  const before = process.umask(0);
  cleanups.push(() => process.umask(before));
  const place = folder();
  const store = await opened(place.file());
  await store.commit([put()]);
  const names = readdirSync(place.path).sort();
  expect(names).toEqual(['', '-lock', '-reserve', '-shm', '-wal'].map((end) => `tidings.db${end}`));
  for (const name of names) expect([name, statSync(place.file(name)).mode & 0o777]).toEqual([name, 0o600]);
});

test('a database of a newer version is refused untouched', async () => {
  const path = folder().file();
  const store = sqliteStore(path);
  await store.open();
  await store.commit([put()]);
  await store.close();
  const database = new Database(path);
  database.exec("insert into kysely_migration (name, timestamp) values ('0099-later', '2030')");
  database.close();
  const before = readFileSync(path);
  await expect(sqliteStore(path).open()).rejects.toThrow(/written by a newer Tidings .*0099-later.*upgrade/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test.each([
  ['text', 'this is no database at all, but a file of text', /is not a SQLite database; name another file/],
  ['damaged', null, /cannot be opened/],
])('a file that cannot be read as a database is refused with a sentence: %s', async (_name, text, message) => {
  const path = folder().file();
  writeFileSync(path, text ?? Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4_000, 7)]));
  const before = readFileSync(path);
  await expect(sqliteStore(path).open()).rejects.toThrow(message);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a folder in the place of the database is refused with a sentence, and a missing folder is made', async () => {
  const place = folder();
  await expect(sqliteStore(place.path).open()).rejects.toThrow(/it is a folder; name a file in it/);
  await opened(place.file('made/on/the/way/tidings.db'));
  expect(existsSync(place.file('made/on/the/way/tidings.db'))).toBe(true);
});

test('a database that was closed is one file, with nothing left beside it', async () => {
  const place = folder();
  for (let n = 0; n < 3; n++) {
    const store = sqliteStore(place.file());
    await store.open();
    await Promise.all([store.commit([put()]), store.head()]);
    await store.close();
    expect(existsSync(place.file('tidings.db-wal'))).toBe(false);
  }
});

test('a copy of the file that is put back makes the cursors that went on from it void', async () => {
  const place = folder();
  const first = sqliteStore(place.file());
  await first.open();
  await first.commit([put(), put()]);
  const { term: old } = await first.head();
  await first.close();
  copyFileSync(place.file(), place.file('backup.db'));

  const second = sqliteStore(place.file());
  const { term: lost } = await second.open();
  await second.commit([put(), put(), put()]);
  await second.close();
  copyFileSync(place.file('backup.db'), place.file());

  const restored = await opened(place.file());
  await restored.commit([put(), put(), put(), put()]);
  const recovered = async (term: string, rev: number) => {
    const query = { userId: '1', topics: ['user:1'], after: rev, cursor: { term, rev }, limit: 10 };
    return (await restored.changesSince(query)).recovered;
  };
  expect(await recovered(lost, 4)).toBe(false);
  expect(await recovered(lost, 2)).toBe(false);
  expect(await recovered(old, 2)).toBe(true);
});

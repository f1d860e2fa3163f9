import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { put, sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { explainOpen, openDatabase } from './open.ts';

type WhenFinished = (clean: () => void) => void;

function file(onTestFinished: WhenFinished): string {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  return folder.file();
}

test.each([
  [
    'EROFS',
    /^the database a\.db cannot be opened: its volume may only be read; name another place as database \(--database\)$/,
  ],
  ['SQLITE_READONLY_DIRECTORY', /this user may not read and write it; check its owner and rights$/],
  ['SQLITE_CANTOPEN_ISDIR', /this user may not read and write it/],
  ['SQLITE_BUSY_SNAPSHOT', /another program holds a lock on it; close that one/],
  ['SQLITE_FULL', /the disk is full; free some space$/],
  [
    'SQLITE_IOERR_SHMMAP',
    /cannot lock files as SQLite needs it \(SQLITE_IOERR_SHMMAP\), as a network folder; name a disk/,
  ],
  ['SQLITE_PROTOCOL', /cannot lock files/],
  ['SQLITE_IOERR_READ', /its disk failed \(SQLITE_IOERR_READ\)/],
  ['OTHER', /cannot be opened: as it says$/],
])('a place that fails with %s is told in a sentence', (code, sentence) => {
  expect(explainOpen('a.db', Object.assign(new Error('as it says'), { code })).message).toMatch(sentence);
});

test('a folder that nobody may write into is told in a sentence', { skip: process.platform !== 'linux' }, async () => {
  await expect(sqliteStore('/proc/tidings.db').open()).rejects.toThrow(
    /^the database \/proc\/tidings\.db cannot be opened: this user may not read and write it/,
  );
});

test.concurrent('while another program holds a lock nothing is stored, what is sent is to be sent again, and then it is', async ({
  onTestFinished,
}) => {
  const path = file(onTestFinished);
  const store = sqliteStore(path);
  await store.open();
  onTestFinished(() => store.close());
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  const failure = store.commit([put({ id: 'a' })]);
  await expect(failure).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^nothing was stored: another program holds a lock on the database; send it again$/),
  });
  other.exec('rollback');
  expect(await store.commit([put({ id: 'a' })])).toMatchObject([{ status: 'stored', rev: 1 }]);
});

test.concurrent('a database that another program has locked is not opened, and told in a sentence', async ({
  onTestFinished,
}) => {
  const path = file(onTestFinished);
  openDatabase(path).close();
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  await expect(sqliteStore(path).open()).rejects.toThrow(
    /cannot be opened: another program holds a lock on it; close that/,
  );
  other.exec('rollback');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { put, TempFolder } from '../../../testing/temp-store.ts';
import type { PutWrite } from '../../domain/writes.ts';
import { openDatabase, prepareDatabase } from './open.ts';
import { sqliteStatements } from './statements.ts';
import { SqliteWriter } from './writer.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder.remove());

/** A database that fails where it is told to, as a disk does. */
async function failing() {
  const database = await prepareDatabase(folder.file());
  const exec = database.exec.bind(database);
  const fault: { on: string | null; landed: boolean } = { on: null, landed: false };
  database.exec = (sql) => {
    if (sql !== fault.on) return exec(sql);
    fault.on = null;
    if (fault.landed) exec(sql);
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  };
  return { database, fault, writer: new SqliteWriter(database, sqliteStatements) };
}

const apply = (writer: SqliteWriter, ...writes: PutWrite[]) => writer.apply([{ writes, atomic: false }]);
const revsOf = (applied: ReturnType<SqliteWriter['apply']>) =>
  applied.outcomes.flat().map((outcome) => (outcome as { rev: number }).rev);

test('a commit that fails stores nothing and gives its revs to what comes next', async () => {
  const { writer, fault, database } = await failing();
  expect(revsOf(apply(writer, put({ id: 'a' })))).toEqual([1]);
  fault.on = 'commit';
  expect(() => apply(writer, put({ id: 'b' }), put({ id: 'c' }))).toThrow('disk I/O error');
  expect(writer.head).toBe(1);
  expect(revsOf(apply(writer, put({ id: 'd' })))).toEqual([2]);
  expect(database.prepare('select id, rev from records order by rev').all()).toEqual([
    { id: 'a', rev: 1 },
    { id: 'd', rev: 2 },
  ]);
  database.close();
});

test('a commit that landed although it failed keeps its revs once the database is opened anew, and its key answers', async () => {
  const { writer, fault, database } = await failing();
  Object.assign(fault, { on: 'commit', landed: true });
  const lost = put({ id: 'b', key: { key: 'k', hash: 'h' } });
  expect(() => apply(writer, lost)).toThrow('disk I/O error');
  database.close();
  const reopened = openDatabase(folder.file());
  const after = new SqliteWriter(reopened, sqliteStatements);
  expect(after.apply([{ writes: [{ ...lost, id: 'c' }], atomic: true }]).outcomes).toEqual([
    [{ status: 'duplicate', id: 'b', rev: 1 }],
  ]);
  expect(revsOf(apply(after, put({ id: 'd' })))).toEqual([2]);
  reopened.close();
});

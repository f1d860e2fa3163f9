import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TidingsError } from '@tidings/protocol';
import Database from 'better-sqlite3';
import type { LogConfig } from 'kysely';
import { migrationNames } from '../migration-names.ts';

/**
 * Pages the write-ahead log may grow by (64 MiB) before it is moved into the file. Pages that many commits change, as
 * those of users' topics, are so moved once for all of them.
 */
const logPages = 16_000;

/**
 * KiB of pages that the writer keeps for itself: SQLite goes through all of them at the end of most transactions, which splits of pages make
 * necessary. What it does not keep is in the system's cache.
 */
const writerCache = 8_192;

/** Opens a database as both threads do: a committed transaction is on the disk (WAL, synchronous FULL). */
export function openDatabase(path: string, options: { readonly?: boolean } = {}): Database.Database {
  const database = new Database(path, { readonly: options.readonly === true, timeout: 5_000 });
  if (!options.readonly && database.pragma('journal_mode = wal', { simple: true }) !== 'wal') {
    database.close();
    throw Object.assign(new Error('no write-ahead log'), { code: 'SQLITE_PROTOCOL' });
  }
  database.pragma('synchronous = full');
  database.pragma(`wal_autocheckpoint = ${logPages}`);
  database.pragma(`cache_size = ${options.readonly ? -65_536 : -writerCache}`);
  database.pragma('mmap_size = 268435456');
  database.pragma('temp_store = memory');
  return database;
}

/**
 * Creates the folder and the file where they are missing, the file for its owner alone. Throws a sentence where the file cannot be used.
 * @returns the path without symbolic links
 */
export function checkPlace(path: string): string {
  try {
    if (existsSync(path)) {
      const found = statSync(path);
      if (found.isDirectory()) throw new Error('it is a folder; name a file in it');
      if (found.nlink > 1) throw new Error(hardLinks(found.nlink));
      accessSync(path, constants.R_OK | constants.W_OK);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      createPrivate(path);
    }
    return realpathSync(path);
  } catch (error) {
    throw explainOpen(path, error);
  }
}

/** Creates the file if it is missing, brings the schema up to date, and says what is wrong in a sentence. */
export async function prepareDatabase(path: string): Promise<Database.Database> {
  let database: Database.Database | undefined;
  try {
    database = openDatabase(path);
    await migrateDatabase(database);
    return database;
  } catch (error) {
    database?.close();
    throw explainOpen(path, error);
  }
}

/**
 * All that is new of the schema, with the rows that say so, in one transaction: a process that is killed in it leaves the file as it was.
 * @param log is called with each statement when it has run
 */
export async function migrateDatabase(database: Database.Database, log: LogConfig = []): Promise<void> {
  database.exec('begin immediate');
  try {
    if (!isCurrent(database)) await (await import('./migration.ts')).migrateFile(database, log);
    database.exec('commit');
  } catch (error) {
    // A full disk has undone it by itself.
    if (database.inTransaction) database.exec('rollback');
    throw error;
  }
}

/** Told without Kysely, which takes longer to load than all else of an opening. */
function isCurrent(database: Database.Database): boolean {
  if (!database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get()) return false;
  const names = database.prepare('select name from kysely_migration order by name').pluck().all();
  return names.join() === migrationNames.join();
}

/** SQLite finds the write-ahead log by the name of the database: opened by another name, what is only in the log would be lost. */
const hardLinks = (names: number): string =>
  `it has ${names} names (hard links), and what was stored last may be beside another of them; remove the other names, or make them symbolic links`;

/** Makes a file that only its owner may read, unless it is there. */
export function createPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

/** The reason why a file cannot be opened as a database, as a sentence. */
export function explainOpen(path: string, error: unknown): TidingsError {
  if (error instanceof TidingsError) return error;
  const { code = '', message } = error as { code?: string; message: string };
  const known = reasons.find(([codes]) => codes.test(code))?.[1];
  const reason = known?.replace('CODE', code) ?? message;
  return new TidingsError('unavailable', `the database ${path} cannot be opened: ${reason}`, { cause: error });
}

const reasons: readonly (readonly [codes: RegExp, reason: string])[] = [
  [/^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/, 'the disk is full; free some space'],
  [
    /^(EACCES|EPERM|ENOENT|SQLITE_READONLY|SQLITE_CANTOPEN)/,
    'this user may not read and write it; check its owner and rights',
  ],
  [/^EROFS/, 'its volume may only be read; name another place as database (--database)'],
  [/^SQLITE_NOTADB/, 'it is not a SQLite database; name another file as database (--database)'],
  [/^SQLITE_CORRUPT/, 'it is damaged; restore it from a backup'],
  [/^SQLITE_BUSY/, 'another program holds a lock on it; close that one, as a shell of SQLite in a transaction'],
  [
    /^(SQLITE_PROTOCOL|SQLITE_IOERR_(LOCK|SHM|MMAP))/,
    'its volume cannot lock files as SQLite needs it (CODE), as a network folder; name a disk of this machine',
  ],
  [/^SQLITE_IOERR/, 'its disk failed (CODE); look into the system log'],
];

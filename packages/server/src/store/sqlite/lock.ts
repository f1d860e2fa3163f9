import { TidingsError } from '@tidings/protocol';
import Database from 'better-sqlite3';
import { explainOpen } from './open.ts';

/**
 * Makes this process the only owner of a database file for as long as it lives.
 * The lock is SQLite's own, on a file beside the database, so the system frees it however the process ends.
 */
export function lockDatabase(path: string): { release(): void } {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(`${path}-lock`, { timeout: 0 });
    lock.pragma('locking_mode = exclusive');
    // Nothing in it is ever to be undone: no journal is left beside it.
    lock.pragma('journal_mode = memory');
    lock.exec('begin exclusive; create table if not exists owner (pid integer); commit');
    lock.exec('begin exclusive');
    const held = lock;
    return { release: () => held.close() };
  } catch (error) {
    lock?.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw explainOpen(path, error);
    throw new TidingsError(
      'conflict',
      `${path} is in use by another Tidings process; stop that one, give this one another --database, or let it speak to the other over HTTP`,
    );
  }
}

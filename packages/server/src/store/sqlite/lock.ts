import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { TidingsError } from '@tidings/protocol';
import Database from 'better-sqlite3';
import { createPrivate, explainOpen } from './open.ts';

interface Lock {
  release(): void;
}

/**
 * Makes this process the only owner of a database file for as long as it lives, by whatever name others find the file. There are
 * two locks, which the system frees however the process ends: one on a file beside the database, which holds in containers that
 * share a folder too; and one on what the file is, its device and inode, which holds for other names of the file, and where the file
 * beside it was deleted.
 * @param path of the database, without symbolic links
 */
export async function lockDatabase(path: string): Promise<Lock> {
  const beside = lockBeside(path);
  try {
    const file = await lockFile(path);
    return {
      release() {
        file.release();
        beside.release();
      },
    };
  } catch (error) {
    beside.release();
    throw error;
  }
}

const inUse = (path: string): TidingsError =>
  new TidingsError(
    'conflict',
    `${path} is in use by another Tidings process, or by another server in this one; stop that one, give this one another database, or let it speak to the other over HTTP`,
  );

/** SQLite's own lock, on a file of its own. */
function lockBeside(path: string): Lock {
  let lock: Database.Database | undefined;
  try {
    createPrivate(`${path}-lock`);
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
    throw inUse(path);
  }
}

/** A name that the system gives to one process at a time: of Linux a socket without a file, of Windows a pipe. Others have no such names. */
async function lockFile(path: string): Promise<Lock> {
  const { dev, ino } = statSync(path, { bigint: true });
  const name = `tidings-database-${dev}-${ino}`;
  const places: Partial<Record<NodeJS.Platform, string>> = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` };
  const place = places[process.platform];
  if (place === undefined) return { release: () => {} };
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, place);
  } catch (error) {
    if ((error as { code?: string }).code === 'EADDRINUSE') throw inUse(path);
    throw explainOpen(path, error);
  }
  server.unref();
  return { release: () => void server.close() };
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => resolve());
  });

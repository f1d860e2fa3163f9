import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { lockDatabase } from './lock.ts';
import type { Opened, ThreadData, WriterAnswer, WriterRequest } from './messages.ts';
import { checkPlace, openDatabase, prepareDatabase } from './open.ts';
import { Place } from './place.ts';
import { errorOf } from './thread-error.ts';
import { SqliteWriter } from './writer.ts';

/**
 * The thread that writes. It alone waits for the disk. After a failed commit it opens the database anew before it
 * goes on, since what the old connection believes of the file may not be so.
 */
const port = parentPort as NonNullable<typeof parentPort>;
const { path, statements } = workerData as ThreadData;

let lock: { release(): void } | undefined;
let database: Database.Database | undefined;
let writer: SqliteWriter;
let place: Place;
let broken = false;

function reopen(): void {
  try {
    database?.close();
  } catch {
    // The old connection is given up whatever it says: the new one tells how the file is.
  }
  database = openDatabase(path);
  writer = new SqliteWriter(database, statements);
  place = new Place(path);
  broken = false;
}

function run(request: WriterRequest): WriterAnswer {
  const { id } = request;
  try {
    if (request.do === 'probe') return { id, ok: probe() };
    place.check();
    if (broken) reopen();
    if (request.do === 'apply') return { id, ok: writer.apply(request.groups) };
    if (request.do === 'write') return { id, ok: writer.write(request.steps) };
    if (request.do === 'forgetRetractions') return { id, ok: writer.forgetRetractions(request.before, request.limit) };
    if (request.do === 'rehearse') writer.rehearse(request.attempt);
    if (request.do === 'delivered') writer.delivered(request.marks);
    return { id, ok: null };
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    broken = code.startsWith('SQLITE_IOERR') || code === 'SQLITE_FULL' || broken;
    return { id, error: errorOf(error) };
  }
}

/** Checks, without one, that a commit could be made. */
function probe(): null {
  place.checkWritable();
  if (broken) reopen();
  return null;
}

async function open(): Promise<Opened> {
  try {
    checkPlace(path);
    lock = lockDatabase(path);
    database = await prepareDatabase(path);
    writer = new SqliteWriter(database, statements);
    const term = randomBytes(9).toString('base64url');
    writer.beginTerm(term);
    place = new Place(path);
    return { opened: { term, head: writer.head, floor: writer.floor } };
  } catch (error) {
    return { failed: errorOf(error) };
  }
}

port.on('message', (text: string) => {
  const request = JSON.parse(text) as WriterRequest;
  if (request.do !== 'close') return port.postMessage(JSON.stringify(run(request)));
  database?.close();
  lock?.release();
  port.postMessage(JSON.stringify({ id: request.id, ok: null } satisfies WriterAnswer));
  port.close();
});
port.postMessage(await open());

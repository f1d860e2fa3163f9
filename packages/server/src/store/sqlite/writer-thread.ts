import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import type { Head } from '../../domain/store/history.ts';
import { lockDatabase } from './lock.ts';
import type { Opened, ThreadData, WriterAnswer, WriterRequest } from './messages.ts';
import { checkPlace, openDatabase, prepareDatabase } from './open.ts';
import { Place } from './place.ts';
import { isFull, Reserve } from './reserve.ts';
import { errorOf } from './thread-error.ts';
import { SqliteWriter } from './writer.ts';

/**
 * The thread that writes. It alone waits for the disk. After a failed commit it opens the database anew before it
 * goes on, since what the old connection believes of the file may not be so.
 */
const port = parentPort as NonNullable<typeof parentPort>;
const { path: given, statements } = workerData as ThreadData;
const term = randomBytes(9).toString('base64url');
/** The file's own name, whatever symbolic links lead to it: known once it is open. */
let path = given;

let lock: { release(): void } | undefined;
let database: Database.Database | undefined;
let writer: SqliteWriter;
let place: Place | undefined;
let reserve: Reserve;
let broken = false;

function reopen(): void {
  try {
    database?.close();
  } catch {
    // The old connection is given up whatever it says: the new one tells how the file is.
  }
  database = openDatabase(path);
  writer = new SqliteWriter(database, statements);
  writer.continueTerm(term);
  place = new Place(path);
  broken = false;
}

function run(request: WriterRequest): WriterAnswer {
  const { id } = request;
  try {
    if (request.do === 'probe') return { id, ok: probe() };
    if (request.do === 'head') return { id, ok: headOf(writer) };
    place?.check();
    if (!isEssential(request)) reserve.check();
    if (broken) reopen();
    if (request.do === 'apply') return { id, ok: writer.apply(request.groups) };
    if (request.do === 'write') return { id, ok: writer.write(request.steps) };
    if (request.do === 'forgetRetractions') return { id, ok: writer.forgetRetractions(request.before, request.limit) };
    if (request.do === 'rehearse') writer.rehearse(request.attempt);
    if (request.do === 'delivered') writer.delivered(request.marks);
    return { id, ok: null };
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    const isToBeTriedAgain = isFull(error) && isEssential(request) && reserve.isHeld;
    broken = code.startsWith('SQLITE_IOERR') || code === 'SQLITE_FULL' || broken;
    if (isToBeTriedAgain) {
      reserve.release();
      return run(request);
    }
    return { id, error: errorOf(error) };
  }
}

/** True for what is stored even on a full disk, by the room that is held for it: revocations, and what a start writes. */
const isEssential = (request: WriterRequest): boolean =>
  request.do === 'write' &&
  request.steps.every(({ name }) => name === 'addRevocation' || name === 'removeRunners' || name === 'removePermits');

/** Checks, without one, that a commit could be made. */
function probe(): null {
  place?.checkWritable();
  reserve.take();
  if (broken) reopen();
  writer.checkOwner();
  return null;
}

async function open(): Promise<Opened> {
  try {
    path = checkPlace(given);
    reserve = new Reserve(path);
    return { opened: await openOnFullDisk() };
  } catch (error) {
    return { failed: errorOf(error) };
  }
}

/** Opens the database; where its disk is full, once more with the room that is held for that. */
async function openOnFullDisk(): Promise<Head> {
  try {
    return await openFile();
  } catch (error) {
    if (!isFull(error) || !reserve.isHeld) throw error;
    reserve.release();
    return openFile();
  }
}

async function openFile(): Promise<Head> {
  database?.close();
  lock ??= await lockDatabase(path);
  database = await prepareDatabase(path);
  writer = new SqliteWriter(database, statements);
  writer.beginTerm(term);
  place = new Place(path);
  reserve.takeIfThereIsRoom();
  return headOf(writer);
}

const headOf = ({ head, floor }: SqliteWriter): Head => ({ term, head, floor });

port.on('message', (text: string) => {
  const request = JSON.parse(text) as WriterRequest;
  if (request.do !== 'close') return port.postMessage(JSON.stringify(run(request)));
  database?.close();
  // The write-ahead log is gone: the next start may need the room.
  if (place) reserve.takeIfThereIsRoom();
  lock?.release();
  port.postMessage(JSON.stringify({ id: request.id, ok: null } satisfies WriterAnswer));
  port.close();
});
port.postMessage(await open());

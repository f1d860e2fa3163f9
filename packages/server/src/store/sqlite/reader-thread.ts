import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { type Step, valuesOf } from '../steps.ts';
import type { ReaderAnswer, ReaderRequest, ThreadData } from './messages.ts';
import { openDatabase } from './open.ts';

/** The thread that reads: pages of catch-ups and inboxes, each request in one snapshot. */
const port = parentPort as NonNullable<typeof parentPort>;
const { path, statements: texts } = workerData as ThreadData;

const prepared = new Map<Step['name'], Database.Statement>();
const database = openDatabase(path, { readonly: true });

function rowsOf({ name, params }: Step): unknown[] {
  let found = prepared.get(name);
  if (!found) {
    found = database.prepare(texts[name].sql);
    prepared.set(name, found);
  }
  return found.all(...valuesOf(texts[name], params));
}

const snapshot = database.transaction((request: ReaderRequest) => request.steps.map(rowsOf) as never);

function run(request: ReaderRequest): ReaderAnswer {
  try {
    return { id: request.id, ok: snapshot(request) };
  } catch (error) {
    const message = `the database could not be read: ${(error as Error).message}`;
    return { id: request.id, error: { code: 'unavailable', message, outcome: 'nothing_stored' } };
  }
}

port.on('message', (requests: readonly ReaderRequest[] | null) => {
  if (requests) return port.postMessage(requests.map(run));
  database.close();
  port.close();
});

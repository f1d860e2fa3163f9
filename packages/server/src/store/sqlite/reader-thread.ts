import { parentPort, workerData } from 'node:worker_threads';
import { pageBytes } from '../page-rows.ts';
import type { AnyRow } from '../steps.ts';
import type { ReaderAnswer, ReaderAnswers, ReaderMessage, ReaderRequest, ThreadData } from './messages.ts';
import { openDatabase } from './open.ts';
import { PreparedStatements } from './prepared.ts';

/**
 * The thread that reads: pages of catch-ups and inboxes, each request in one snapshot. Answers go out together, a page's bytes at a time;
 * the next are read when these were taken, so that however many wait for large pages, few of them are in memory.
 */
const port = parentPort as NonNullable<typeof parentPort>;
const { path, statements } = workerData as ThreadData;

const database = openDatabase(path, { readonly: true });
const prepared = new PreparedStatements(database, statements.steps);
const waiting: ReaderRequest[] = [];
let isTaken = true;

const snapshot = database.transaction(({ steps }: ReaderRequest) => steps.map((one) => prepared.read(one)));

function run(request: ReaderRequest): ReaderAnswer {
  try {
    return { id: request.id, ok: snapshot(request) };
  } catch (error) {
    const message = 'the database could not be read; try again later';
    return { id: request.id, error: { code: 'unavailable', message, cause: (error as Error).message } };
  }
}

/** Answers those who wait, until an answer is large. */
function answerWaiting(): void {
  const answers: ReaderAnswer[] = [];
  let bytes = 0;
  for (let request = waiting.shift(); request; request = bytes < pageBytes ? waiting.shift() : undefined) {
    const answer = run(request);
    answers.push(answer);
    if ('ok' in answer) bytes += sizeOf(answer.ok);
  }
  isTaken = bytes < pageBytes;
  if (answers.length > 0) port.postMessage({ answers, isLarge: !isTaken } satisfies ReaderAnswers);
}

/** The size of what is large in an answer: its pages. */
function sizeOf(found: readonly (readonly AnyRow[])[]): number {
  let bytes = 0;
  for (const rows of found) for (const row of rows) if ('bytes' in row) bytes += row.bytes;
  return bytes;
}

port.on('message', (message: ReaderMessage) => {
  if (message === 'taken') isTaken = true;
  else if (message !== 'close') waiting.push(...message);
  if (isTaken) answerWaiting();
  if (message !== 'close') return;
  while (waiting.length > 0) answerWaiting();
  database.close();
  port.close();
});

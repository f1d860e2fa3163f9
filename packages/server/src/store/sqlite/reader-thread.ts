import { parentPort, workerData } from 'node:worker_threads';
import { pageBytes, type SizedRow } from '../page-rows.ts';
import type { AnyRow } from '../steps.ts';
import type { ReaderAnswer, ReaderAnswers, ReaderMessage, ReaderRequest, ThreadData } from './messages.ts';
import { openDatabase } from './open.ts';
import { pack } from './packed-rows.ts';
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

function run(request: ReaderRequest): { answer: ReaderAnswer; bytes: number } {
  try {
    const found = snapshot(request);
    return {
      answer: { id: request.id, ok: found.map(pack) },
      bytes: found.reduce((sum, rows) => sum + sizeOf(rows), 0),
    };
  } catch (error) {
    const message = 'the database could not be read; try again later';
    const refusal = { code: 'unavailable', message, cause: (error as Error).message } as const;
    return { answer: { id: request.id, error: refusal }, bytes: 0 };
  }
}

/** Answers those who wait, until an answer is large. */
function answerWaiting(): void {
  const answers: ReaderAnswer[] = [];
  let bytes = 0;
  for (let request = waiting.shift(); request; request = bytes < pageBytes ? waiting.shift() : undefined) {
    const ran = run(request);
    answers.push(ran.answer);
    bytes += ran.bytes;
  }
  isTaken = bytes < pageBytes;
  if (answers.length > 0) port.postMessage({ answers, isLarge: !isTaken } satisfies ReaderAnswers);
}

/** The size of what is large in rows: the texts of records. */
function sizeOf(rows: readonly AnyRow[]): number {
  const [first] = rows;
  if (!first || !('bytes' in first)) return 0;
  let bytes = 0;
  for (const row of rows) bytes += (row as SizedRow).bytes;
  return bytes;
}

port.on('message', (message: ReaderMessage) => {
  if (message === 'taken') isTaken = true;
  else if (message !== 'close') waiting.push(...(JSON.parse(message) as ReaderRequest[]));
  if (isTaken) answerWaiting();
  if (message !== 'close') return;
  while (waiting.length > 0) answerWaiting();
  database.close();
  port.close();
});

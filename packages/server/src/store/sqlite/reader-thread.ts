import { parentPort, workerData } from 'node:worker_threads';
import type { ReaderAnswer, ReaderRequest, ThreadData } from './messages.ts';
import { openDatabase } from './open.ts';
import { PreparedStatements } from './prepared.ts';

/** The thread that reads: pages of catch-ups and inboxes, each request in one snapshot. */
const port = parentPort as NonNullable<typeof parentPort>;
const { path, statements } = workerData as ThreadData;

const database = openDatabase(path, { readonly: true });
const prepared = new PreparedStatements(database, statements.steps);

const snapshot = database.transaction(({ steps }: ReaderRequest) => steps.map((one) => prepared.run(one)));

function run(request: ReaderRequest): ReaderAnswer {
  try {
    return { id: request.id, ok: snapshot(request) };
  } catch (error) {
    const message = 'the database could not be read; try again later';
    return { id: request.id, error: { code: 'unavailable', message, cause: (error as Error).message } };
  }
}

port.on('message', (requests: readonly ReaderRequest[] | null) => {
  if (requests) return port.postMessage(requests.map(run));
  database.close();
  port.close();
});

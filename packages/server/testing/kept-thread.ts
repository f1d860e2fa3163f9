import { syncBuiltinESMExports } from 'node:module';
import threads, { type MessagePort } from 'node:worker_threads';

/** A thread that runs one module after another, see kept-threads.ts. Each has data and a port as if the thread were its own. */
interface Work {
  url: string;
  workerData: unknown;
  port: MessagePort;
}

let works = 0;
threads.parentPort?.on('message', ({ url, workerData, port }: Work) => {
  Object.assign(threads, { workerData, parentPort: port });
  syncBuiltinESMExports();
  // Modules that it imports are loaded once.
  void import(`${url}?work=${++works}`);
});

import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import threads, { MessageChannel, type MessagePort, type Worker, type WorkerOptions } from 'node:worker_threads';

/** The threads of Node. */
const Thread = threads.Worker;
/** Threads whose work is done, for the next that is wanted. */
const free: Worker[] = [];
/** More end when their work is done: each takes some MB. */
const mostFree = 16;

/**
 * A thread of SQLite that works on in the next database when it has closed one, which its owner is told as its end. Half of the CPU time of
 * tests that open a database each would go into the beginnings of threads.
 */
class KeptThread extends EventEmitter {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  #isOver = false;
  readonly #failed = (error: Error) => this.emit('error', error);
  readonly #ended = (code: number) => this.#end(code);

  constructor(url: URL, { workerData }: WorkerOptions) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = free.pop() ?? new Thread(new URL('kept-thread.ts', import.meta.url));
    this.#worker.ref();
    this.#worker.on('error', this.#failed);
    this.#worker.on('exit', this.#ended);
    port1.on('message', (message) => this.emit('message', message));
    port1.on('close', () => this.#end(0));
    this.#worker.postMessage({ url: url.href, workerData, port: port2 }, [port2]);
  }

  postMessage(message: unknown): void {
    this.#port.postMessage(message);
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#worker.off('error', this.#failed);
    this.#worker.off('exit', this.#ended);
    if (code === 0 && free.length < mostFree) {
      this.#worker.unref();
      free.push(this.#worker);
    } else void this.#worker.terminate();
    this.emit('exit', code);
  }
}

const isOfSqlite = (url: string | URL): url is URL => /\/store\/sqlite\/\w+-thread\.ts$/.test(String(url));

threads.Worker = new Proxy(Thread, {
  construct: (_, [url, options]: [string | URL, WorkerOptions]) =>
    isOfSqlite(url) ? new KeptThread(url, options) : new Thread(url, options),
});
syncBuiltinESMExports();

import { Worker } from 'node:worker_threads';
import { threadDied } from './answers.ts';
import type { ThreadData } from './messages.ts';

/** A thread of ours, which works for one database. */
export class Thread<Message> {
  readonly #worker: Worker;
  #gone = false;

  /** @param onDeath is called once or twice, first with the reason, when the thread ends by itself or not */
  constructor(url: URL, data: ThreadData, onDeath: (error: Error) => void) {
    this.#worker = new Worker(url, { workerData: data });
    this.#worker.on('error', onDeath);
    this.#worker.on('exit', (code) => {
      this.#gone = true;
      onDeath(new Error(`the thread ended with code ${code}`));
    });
  }

  /** The first message the thread sends of itself. */
  first<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      let reason: Error | null = null;
      const failed = (error: Error) => {
        reason = error;
      };
      const ended = (code: number) => reject(threadDied(reason ?? new Error(`the thread ended with code ${code}`)));
      this.#worker.once('error', failed);
      this.#worker.once('exit', ended);
      this.#worker.once('message', (message: T) => {
        this.#worker.off('error', failed);
        this.#worker.off('exit', ended);
        resolve(message);
      });
    });
  }

  onMessage(listener: (message: Message) => void): void {
    this.#worker.on('message', listener);
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Resolves when the thread has ended. */
  ended(): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }
}

/** A thread's module, beside this one: the source in the repository, the build when published. */
export const moduleOf = (name: string): URL =>
  new URL(import.meta.url.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, import.meta.url);

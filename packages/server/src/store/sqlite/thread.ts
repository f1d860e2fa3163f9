import { Worker } from 'node:worker_threads';
import { TidingsError } from '@tidings/protocol';
import { DatabaseRefusal } from '../engine.ts';
import type { Answer, ReaderAnswers, ReaderMessage, ThreadData, ThreadError } from './messages.ts';

/** A worker of ours, with promises for its answers. When it dies, everything under way is answered with an error. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #last = 0;
  #dead: Error | null = null;
  #gone = false;

  constructor(url: URL, data: ThreadData) {
    this.#worker = new Worker(url, { workerData: data });
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => {
      this.#gone = true;
      this.#die(new Error(`the thread ended with code ${code}`));
    });
  }

  /** The first message the worker sends of itself. */
  first<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (code: number) => reject(threadDied(this.#dead ?? new Error(`the thread ended with code ${code}`)));
      this.#worker.once('exit', ended);
      this.#worker.once('message', (message: T) => {
        this.#worker.off('exit', ended);
        resolve(message);
      });
    });
  }

  /** Why the thread ended; null while it runs. */
  get death(): Error | null {
    return this.#dead;
  }

  /** Hands every later answer to the promise that waits for it: one as JSON, or several as they are. */
  listen(): void {
    this.#worker.on('message', (message: string | ReaderAnswers) => {
      if (typeof message === 'string') return this.#settle(JSON.parse(message));
      for (const answer of message.answers) this.#settle(answer);
      // Runs after the callers that wait for these answers.
      if (message.isLarge) setImmediate(() => this.post('taken' satisfies ReaderMessage));
    });
  }

  /** Makes a promise for the answer to the request that `send` is then given the number of. */
  ask<T>(send: (id: number) => void): Promise<T> {
    if (this.#dead) return Promise.reject(threadDied(this.#dead));
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      send(id);
    });
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Resolves when the worker has ended. */
  ended(): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  #settle(answer: Answer<unknown>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(raise(answer.error));
    else waiting?.resolve(answer.ok as never);
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(threadDied(error));
    this.#waiting.clear();
  }
}

const threadDied = (cause: Error): TidingsError =>
  new TidingsError(
    'unavailable',
    `the database's thread ended (${cause.message}); it is not known whether this was stored; send it again with the same key`,
    { cause },
  );

export function raise({ code, message, cause, refusal }: ThreadError): TidingsError {
  const words = cause === undefined ? undefined : new Error(cause);
  if (refusal) return new DatabaseRefusal(refusal.reason, words, refusal.isGeneral);
  return new TidingsError(code, message, { cause: words });
}

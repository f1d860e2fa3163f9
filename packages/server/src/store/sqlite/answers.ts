import { TidingsError } from '@tidings/protocol';
import { DatabaseRefusal } from '../engine.ts';
import type { Answer, ThreadError } from './messages.ts';

/** Promises for the answers of a thread. When it dies, everything under way is answered with an error, and so is what comes later. */
export class Answers {
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #last = 0;
  #death: Error | null = null;

  /** Why the thread ended; null while it runs. */
  get death(): Error | null {
    return this.#death;
  }

  /** Makes a promise for the answer to the request that `send` is then given the number of. */
  ask<T>(send: (id: number) => void): Promise<T> {
    if (this.#death) return Promise.reject(threadDied(this.#death));
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      send(id);
    });
  }

  settle(answer: Answer<unknown>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(raise(answer.error));
    else waiting?.resolve(answer.ok as never);
  }

  fail(error: Error): void {
    this.#death ??= error;
    for (const { reject } of this.#waiting.values()) reject(threadDied(error));
    this.#waiting.clear();
  }
}

export const threadDied = (cause: Error): TidingsError =>
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

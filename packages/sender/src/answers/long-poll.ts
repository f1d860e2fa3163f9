import type { TidingsError } from '@tidings/protocol';
import { Backoff, pause } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { asTidingsError } from '../errors.ts';

/** Milliseconds a server is asked to hold a question that it has no news for. */
export const pollMs = 25_000;
/** Milliseconds from one question to the next, where the server answered without news before its time. */
const intervalMs = 1_000;

export interface LongPoll<T> {
  clock: Clock;
  signal: AbortSignal;
  /** Asks once. Resolves with the result that ends the poll; null: asks again after a while; `more`: asks again at once. */
  ask(): Promise<T | 'more' | null>;
  /** Called for a failure that is tried again, once while the same one repeats. */
  onFailure(error: TidingsError): void;
  /** True for a failure that ends the poll. */
  isFinal(error: TidingsError): boolean;
}

/** Asks until there is a result, or the signal aborts: then it resolves with null. */
export async function longPoll<T>({ clock, signal, ask, onFailure, isFinal }: LongPoll<T>): Promise<T | null> {
  const backoff = new Backoff<TidingsError>(clock, { initialDelayMs: 500, maxDelayMs: 30_000 });
  while (!signal.aborted) {
    const startedAt = clock.now();
    try {
      const answer = await unlessAborted(ask(), signal);
      backoff.succeeded();
      if (answer !== 'more' && answer !== null) return answer;
      if (answer === null) await pause(Math.max(0, startedAt + intervalMs - clock.now()), clock, signal);
    } catch (thrown) {
      if (signal.aborted) break;
      const error = asTidingsError(thrown);
      if (isFinal(error)) throw error;
      if (error.message !== backoff.lastFailure?.message) onFailure(error);
      backoff.failed(error);
      await pause(backoff.remainingMs, clock, signal);
    }
  }
  return null;
}

/** Resolves with the answer, or with null as soon as the signal aborts, even where the one who is asked ignores it. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(null);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

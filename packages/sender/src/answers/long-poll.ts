import type { TidingsError } from '@tidings/protocol';
import { backoffMs, pause } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { asTidingsError } from '../errors.ts';

/** Milliseconds a server is asked to hold a question that it has no news for. */
export const pollMs = 25_000;
/** Milliseconds from one question to the next, where the server answered without news before its time. */
const paceMs = 1_000;
const backoff = { initialDelayMs: 500, maxDelayMs: 30_000 };

export interface LongPoll<T> {
  clock: Clock;
  signal: AbortSignal;
  /** Asks once, and resolves with what ends the poll; null: asks again after a while; `more`: asks again at once. */
  ask(): Promise<T | 'more' | null>;
  /** Told of a failure that is tried again, once for each reason in a row. */
  tell(error: TidingsError): void;
  /** Whether a failure ends the poll. */
  isFinal(error: TidingsError): boolean;
}

/** Asks until there is an end, or the signal aborts: then it resolves with null. */
export async function longPoll<T>({ clock, signal, ask, tell, isFinal }: LongPoll<T>): Promise<T | null> {
  let failures = 0;
  let told = '';
  while (!signal.aborted) {
    const began = clock.now();
    try {
      const answer = await unlessAborted(ask(), signal);
      failures = 0;
      told = '';
      if (answer !== 'more' && answer !== null) return answer;
      if (answer === null) await pause(Math.max(0, began + paceMs - clock.now()), clock, signal);
    } catch (thrown) {
      if (signal.aborted) break;
      const error = asTidingsError(thrown);
      if (isFinal(error)) throw error;
      if (error.message !== told) tell(error);
      told = error.message;
      await pause(backoffMs(++failures, backoff), clock, signal);
    }
  }
  return null;
}

/** The same, or null as soon as the signal aborts, whether or not whoever is asked heeds it. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(null);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

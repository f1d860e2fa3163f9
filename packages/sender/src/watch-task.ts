import type { Task, TidingsError } from '@tidings/protocol';
import { longPoll, pollMs } from './answers/long-poll.ts';
import { closed, type Waits } from './answers/waits.ts';
import { pause } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { SenderPort } from './port.ts';

/** Milliseconds between two questions at least: a task may change a thousand times a second. */
const intervalMs = 100;

export interface TaskWatch {
  port: Pick<SenderPort, 'getTask'>;
  waits: Waits;
  clock: Clock;
  onFailure(error: TidingsError): void;
}

/** Calls `onChange` with each state of a task, and resolves with the last one when it has ended. */
export async function watchTask(
  { port, waits, clock, onFailure }: TaskWatch,
  id: string,
  onChange: (task: Task) => void,
  signal?: AbortSignal,
): Promise<Task> {
  signal?.throwIfAborted();
  const wait = waits.begin();
  const stop = () => wait.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let after: number | null = null;
  let fault: { thrown: unknown } | null = null;
  /** Asks once; null if nothing has changed. */
  const ask = async (): Promise<Task | 'more' | null> => {
    if (after !== null) await pause(intervalMs, clock, wait.signal);
    if (wait.signal.aborted) return null;
    const task = await port.getTask(id, { after, waitMs: after === null ? 0 : pollMs, signal: wait.signal });
    if (task.rev === after || wait.signal.aborted) return null;
    after = task.rev;
    try {
      onChange(task);
    } catch (thrown) {
      fault = { thrown };
      wait.abort();
    }
    return hasEnded(task) ? task : 'more';
  };
  try {
    const end = await longPoll<Task>({
      ...{ clock, signal: wait.signal, onFailure, ask },
      isFinal: (error) => !error.retryable,
    });
    if (end && !fault) return end;
  } finally {
    signal?.removeEventListener('abort', stop);
    wait.abort();
  }
  if (fault) throw (fault as { thrown: unknown }).thrown;
  signal?.throwIfAborted();
  throw closed();
}

const hasEnded = ({ status }: Task): boolean => status === 'completed' || status === 'failed' || status === 'cancelled';

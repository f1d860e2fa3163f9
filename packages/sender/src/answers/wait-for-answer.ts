import { type Answer, type NotificationView, TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { SenderPort } from '../port.ts';
import { longPoll, pollMs } from './long-poll.ts';
import { closed, type Waits } from './waits.ts';

export interface AnswerWait {
  port: Pick<SenderPort, 'getNotification'>;
  waits: Waits;
  clock: Clock;
  onFailure(error: TidingsError): void;
}

/** Resolves with the answer. Rejects with TidingsError where there will be none, or none came in time. */
export async function waitForAnswer(
  { port, waits, clock, onFailure }: AnswerWait,
  id: string,
  timeoutMs?: number,
): Promise<Answer> {
  const wait = waits.begin();
  const { signal } = wait;
  let end: 'closed' | 'late' = 'closed';
  const cancelTimer =
    timeoutMs === undefined
      ? () => {}
      : clock.after(timeoutMs, () => {
          end = 'late';
          wait.abort();
        });
  try {
    const answer = await longPoll<Answer>({
      clock,
      signal,
      onFailure,
      isFinal: (error) => !error.retryable,
      ask: async () => answerOf(await port.getNotification(id, { waitMs: pollMs, signal })),
    });
    if (answer) return answer;
  } finally {
    cancelTimer();
    wait.abort();
  }
  if (end === 'closed') throw closed();
  throw new TidingsError('timeout', `nobody answered notification ${id} within ${(timeoutMs ?? 0) / 1000} s`);
}

/** The answer of a notification; null while it may still come. @throws TidingsError `conflict` if it cannot */
function answerOf({ id, status, answer, frame }: NotificationView): Answer | null {
  if (answer) return answer;
  if (status === 'retracted' || status === 'expired') {
    const what = status === 'retracted' ? 'was retracted' : 'has expired';
    throw new TidingsError('conflict', `notification ${id} ${what}, and nobody can answer it`);
  }
  if (status === 'live' && !frame?.actions) {
    throw new TidingsError(
      'conflict',
      `notification ${id} has no actions, so nobody can answer it: send it with actions`,
    );
  }
  return null;
}

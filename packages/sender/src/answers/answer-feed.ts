import { type AnswerEvent, reasonOf, TidingsError } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import type { SenderPort } from '../port.ts';
import { longPoll, pollMs } from './long-poll.ts';

const pageSize = 100;

export interface AnswerFeed {
  port: Pick<SenderPort, 'answers'>;
  clock: Clock;
  signal: AbortSignal;
  handler(answer: AnswerEvent): unknown;
  /** Begins after this rev; undefined: now. */
  after: number | undefined;
  onFailure(error: TidingsError): void;
}

/**
 * Calls a handler with every answer, in order and each at least once: the next one when the handler is done with the one
 * before, the same one again when it failed. Resolves when the signal aborts; never rejects.
 */
export async function followAnswers({ port, clock, signal, handler, after, onFailure }: AnswerFeed): Promise<void> {
  let lastRev = after ?? null;
  let waiting: AnswerEvent[] = [];
  const fetchMore = async () => {
    // The start is asked for without waiting: an answer that comes while a first question waits must not be lost.
    const waitMs = lastRev === null ? 0 : pollMs;
    const page = await port.answers({ after: lastRev, limit: pageSize, waitMs, signal });
    waiting = [...page.items];
    lastRev = page.next_after;
    return waitMs === 0 || waiting.length > 0 ? 'more' : null;
  };
  const handOne = async (answer: AnswerEvent) => {
    await hand(handler, answer);
    waiting.shift();
    return 'more' as const;
  };
  const ask = () => (waiting[0] ? handOne(waiting[0]) : fetchMore());
  await longPoll<never>({ clock, signal, onFailure, isFinal: () => false, ask });
}

async function hand(handler: AnswerFeed['handler'], answer: AnswerEvent): Promise<void> {
  try {
    await handler(answer);
  } catch (cause) {
    const message = `the handler failed on the answer to notification ${answer.id}, and gets it again: ${reasonOf(cause)}`;
    throw new TidingsError('internal', message, { cause });
  }
}

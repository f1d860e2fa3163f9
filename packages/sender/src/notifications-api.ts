import {
  type Answer,
  type AnswerEvent,
  type NotificationEdit,
  type NotificationView,
  type Revision,
  type ScheduledPage,
  TidingsError,
} from '@tidings/protocol';
import { followAnswers } from './answers/answer-feed.ts';
import { waitForAnswer } from './answers/wait-for-answer.ts';
import type { Waits } from './answers/waits.ts';
import { checkInput } from './check-input.ts';
import type { Clock } from './clock.ts';
import type { NeverThrow } from './never-throw.ts';
import type { SenderPort } from './port.ts';

/** Notifications that were sent or are scheduled, by the ids that `notify` returned. */
export interface Notifications {
  /**
   * Changes it in place, on every screen that shows it, without a new alert. An expired one comes back by a new
   * `expires_at`. Changes of one notification take effect in order.
   *
   * @throws TidingsError, `not_found` for one that is not known, `conflict` for one that is retracted
   */
  edit(id: string, change: NotificationEdit): Promise<Revision>;
  /** Takes it back from every inbox; again, it answers the same. @throws TidingsError */
  retract(id: string): Promise<Revision>;
  /** @throws TidingsError, `not_found` for one that is not known */
  get(id: string): Promise<NotificationView>;
  /**
   * Lists the scheduled ones, soonest first: a page of `limit` (1 to 100, default 20). Its `next_before` is the `before` of
   * the next page.
   *
   * @throws TidingsError
   */
  scheduled(page?: { before?: string; limit?: number }): Promise<ScheduledPage>;
  /** Cancels one that is scheduled. @throws TidingsError, `conflict` if it is not scheduled any more */
  cancel(id: string): Promise<Revision>;
  /**
   * Resolves with its answer, when there is one. Failures that end by themselves are logged, and the wait goes on.
   *
   * @param options `timeoutMs`: default, as long as it takes
   * @throws TidingsError, `timeout` if nobody answered in time, `conflict` if nobody can: it has no actions, has
   * expired or was retracted
   */
  waitForAnswer(id: string, options?: { timeoutMs?: number }): Promise<Answer>;
  /**
   * Calls the handler with every answer to every notification, in order, until the function it returns is called or the sender
   * is closed. The handler is awaited before it gets the next one; if it fails it gets the same one again, so that each
   * answer comes at least once. Failures are logged, and tried again with growing pauses of at most 30 s.
   *
   * @param options `after`: the `rev` of the last answer that was handled, to continue after it; default, from now on
   * @throws TidingsError `unavailable` once the sender is closed
   */
  onAnswer(handler: (answer: AnswerEvent) => unknown, options?: { after?: number }): () => void;
}

export interface NotificationParts {
  port: SenderPort;
  neverThrow: NeverThrow;
  waits: Waits;
  clock: Clock;
}

/** The functions for notifications that were sent or are scheduled. */
export function notificationsApi({ port, neverThrow, waits, clock }: NotificationParts): Notifications {
  return {
    async edit(id, change) {
      checkInput(change, 'notifications.edit');
      return port.editNotification(String(id), change);
    },
    retract: async (id) => port.retractNotification(String(id)),
    get: async (id) => port.getNotification(String(id), { waitMs: 0 }),
    scheduled: async ({ before, limit } = {}) => port.scheduledNotifications({ before, limit }),
    cancel: (id) => cancel(port, String(id)),
    async waitForAnswer(id, { timeoutMs } = {}) {
      const onFailure = (error: TidingsError) => neverThrow.report('notifications.waitForAnswer', error);
      return waitForAnswer({ port, waits, clock, onFailure }, String(id), timeoutMs);
    },
    onAnswer(handler, { after } = {}) {
      const wait = waits.begin();
      const onFailure = (error: TidingsError) => neverThrow.report('notifications.onAnswer', error);
      void followAnswers({ port, clock, signal: wait.signal, handler, after, onFailure });
      return () => wait.abort();
    },
  };
}

async function cancel(port: SenderPort, id: string) {
  const { status } = await port.getNotification(id, { waitMs: 0 });
  // It may be delivered meanwhile: then the server refuses.
  if (status === 'scheduled') return port.cancelNotification(id);
  const what = status === 'retracted' ? 'was retracted already' : 'was delivered already; retract it to take it back';
  throw new TidingsError('conflict', `notification ${id} does not wait any more: it ${what}`);
}

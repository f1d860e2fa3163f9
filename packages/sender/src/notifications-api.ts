import { TidingsError } from '@tidings/protocol';
import { followAnswers } from './answers/answer-feed.ts';
import { waitForAnswer } from './answers/wait-for-answer.ts';
import type { Waits } from './answers/waits.ts';
import { checkInput } from './check-input.ts';
import type { Clock } from './clock.ts';
import type { NeverThrow } from './never-throw.ts';
import type { SenderPort } from './port.ts';
import type { Notifications } from './sender.ts';

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

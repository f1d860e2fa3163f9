import type { LinkedTask } from '@tidings/protocol';
import { isInstant } from '../instant.ts';
import type { Clock } from '../ports.ts';
import type { StoredRecord } from '../store/records.ts';
import type { PutWrite } from '../writes.ts';
import { nextVersion } from './lifecycle.ts';
import { notificationRecord, stateOf } from './notification.ts';
import type { NotificationState } from './state.ts';

/** The new state of a task, and the linked notifications that nobody can answer any more. */
interface News {
  task: LinkedTask;
  closed: readonly string[];
}

/** The notifications that are linked to tasks: each shows its task as it is at the newest change of either. */
export class NotificationLinks {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A notification that is about to be published, showing the task. */
  create(write: PutWrite, task: LinkedTask): PutWrite {
    const { topics, alert, expect = null, collapse, key } = write;
    const state = JSON.parse(write.state as string) as NotificationState;
    return notificationRecord(withTask(state, task), { topics, alert, expect, collapse, key });
  }

  /** The next version of a notification, conditional on its present one. */
  next(record: StoredRecord, { task, closed }: News): PutWrite {
    const state = withTask(stateOf(record), task);
    const isClosed = closed.includes(record.id) && state.answer === null;
    return nextVersion(record, isClosed ? { ...state, expired: true } : state, this.#clock.now());
  }
}

/** The topics of those a new notification is for, whether or not it is out at once. */
export function recipientsOf({ topics, state }: PutWrite): readonly string[] {
  const { waits } = JSON.parse(state ?? '{}') as Partial<NotificationState>;
  return waits?.topics ?? topics;
}

/** A notification that shows its task so, and ends when what the task has brought does. */
export function withTask(before: NotificationState, task: LinkedTask): NotificationState {
  const [given, now] = [endOf(before.task), endOf(task)];
  if (given === now) return { ...before, task };
  // A new attempt takes back what the result of the last one said of its end.
  const expires_at = now ?? (before.expires_at === given ? null : before.expires_at);
  return { ...before, task, expires_at, expired: expires_at === before.expires_at && before.expired };
}

/** The time until which the result of a task can be used, such as a download; ISO 8601, UTC; null if the result names none. */
function endOf(task: LinkedTask | null): string | null {
  const { expires_at } = (task?.result ?? {}) as { expires_at?: unknown };
  return typeof expires_at === 'string' && isInstant(expires_at) ? new Date(expires_at).toISOString() : null;
}

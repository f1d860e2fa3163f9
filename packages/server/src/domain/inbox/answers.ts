import {
  type Answer,
  type AnswerEvent,
  type LinkedTask,
  type NotificationAction,
  TidingsError,
} from '@tidings/protocol';
import type { StoredRecord } from '../store/records.ts';
import type { PutWrite } from '../writes.ts';
import { nextVersion } from './lifecycle.ts';
import { withTask } from './linked.ts';
import { stateOf } from './notification.ts';
import type { NotificationState } from './state.ts';

/** The first answer, or the same answer by the same person again. */
export type Standing =
  | { kind: 'first'; button: NotificationAction }
  | { kind: 'repeated'; answer: Answer; rev: number };

/** Checks that a user can give this answer. Throws `conflict` or `bad_request` if it cannot be given. */
export function standingOf(record: StoredRecord, given: { action_id: string; user_id: string }): Standing {
  if (record.kind === 'retracted') throw conflict('this notification was retracted, and cannot be answered any more');
  const state = stateOf(record);
  const { answer } = state;
  if (answer) {
    const isSame = answer.user_id === given.user_id && answer.action_id === given.action_id;
    if (isSame) return { kind: 'repeated', answer, rev: record.rev };
    throw conflict(`${answer.username} answered ${JSON.stringify(answer.action_id)} at ${answer.answered_at} already`);
  }
  if (state.expired) throw conflict('this notification has expired, and cannot be answered any more');
  return { kind: 'first', button: buttonOf(state, given.action_id) };
}

const conflict = (message: string): TidingsError => new TidingsError('conflict', message);

function buttonOf({ actions }: NotificationState, actionId: string): NotificationAction {
  const button = actions.find(({ id }) => id === actionId);
  if (button) return button;
  const known = actions.map(({ id }) => JSON.stringify(id)).join(', ') || 'none: nobody is asked anything';
  const message = `action_id must be one of this notification's actions (${known}); got ${JSON.stringify(actionId)}`;
  throw new TidingsError('bad_request', message);
}

/** True if a notification waits for an answer. */
export function isAsking(record: StoredRecord): boolean {
  if (record.kind !== 'notification') return false;
  const { actions, answer, expired, waits } = stateOf(record);
  return actions.length > 0 && answer === null && !expired && waits === null;
}

/**
 * The writes of an answer: the notification's next version, and a record of the answer itself, which never changes.
 * @param task how the task it follows is from now on; null if it follows none
 */
export function answered(record: StoredRecord, answer: Answer, task: LinkedTask | null, now: number): PutWrite[] {
  const state = stateOf(record);
  const version = nextVersion(record, { ...(task ? withTask(state, task) : state), answer }, now);
  return [version, answerRecord(record, state, answer, now)];
}

function answerRecord(
  record: StoredRecord,
  { task_id, callback_url }: NotificationState,
  answer: Answer,
  now: number,
): PutWrite {
  const data: Omit<AnswerEvent, 'rev'> = { id: record.id, external_id: record.externalId, task_id, ...answer };
  const body = JSON.stringify({ type: 'notification.answered', timestamp: answer.answered_at, data });
  const state = callback_url === null ? null : JSON.stringify({ callback_url });
  return {
    ...{ op: 'put', id: `answer:${record.id}`, kind: 'answer', topics: [], viewers: null, body, state },
    ...{ alert: 'never', expired: false, category: '', type: null, search: null, dueAt: null, collapse: null },
    ...{ expect: null, owner: null, status: 'answer', externalId: null, at: now, key: null },
  };
}

/** The address that an answer is posted to; null for none. */
export function callbackUrlOf({ state }: Pick<StoredRecord, 'state'>): string | null {
  return state === null ? null : (JSON.parse(state) as Pick<NotificationState, 'callback_url'>).callback_url;
}

/** An answer as its sender receives it. */
export function answerEvent({ body, rev }: Pick<StoredRecord, 'body' | 'rev'>): AnswerEvent {
  const { data } = JSON.parse(body) as { data: Omit<AnswerEvent, 'rev'> };
  return { ...data, rev };
}

import { type NotificationEdit, TidingsError } from '@tidings/protocol';
import type { StoredRecord } from '../store/records.ts';
import type { PutWrite } from '../writes.ts';
import { notificationRecord, stateOf } from './notification.ts';
import { checkActions, checkExpiry, collapseOf } from './publish.ts';
import type { NotificationState } from './state.ts';

/** Later versions of a published notification. Each replaces its record, on condition that it is still the present one. */

/** A scheduled notification is out: it asks for attention now. */
export function released(record: StoredRecord, now: number): PutWrite {
  const state = { ...stateOf(record), published_at: now };
  const topics = state.waits?.topics ?? [];
  return notificationRecord(
    { ...state, waits: null },
    {
      ...{ topics, expect: record.rev, alert: state.silent ? 'never' : 'ask' },
      collapse: collapseOf(state, topics),
    },
  );
}

/** The version of a notification that has expired: shown as such, and counted no more. */
export const expired = (record: StoredRecord, now: number): PutWrite =>
  nextVersion(record, { ...stateOf(record), expired: true }, now);

/** The next version of a notification: of one that is out it changes what is held, and never alerts again. */
export function nextVersion(record: StoredRecord, state: NotificationState, now: number): PutWrite {
  if (state.waits) return notificationRecord(state, { topics: [], alert: 'never', expect: record.rev });
  const version = { ...state, updated_at: new Date(now).toISOString() };
  const { topics, collapse, rev: expect } = record;
  return notificationRecord(version, { topics, alert: 'keep', expect, collapse });
}

/** The version with a back end's edit. Throws TidingsError if it cannot be edited. */
export function edited(record: StoredRecord, edit: NotificationEdit, now: number): PutWrite {
  const before = stateOf(record);
  const { category, expires_at, actions, ...content } = edit;
  checkExpiry(expires_at, before.waits ? Date.parse(before.waits.until) : now);
  checkActions(actions);
  if (before.expired && !expires_at) {
    throw new TidingsError('conflict', 'this notification has expired; give it a new "expires_at" to bring it back');
  }
  if (actions?.length && before.answer) {
    throw new TidingsError('conflict', `this notification was answered with "${before.answer.action_id}" already`);
  }
  const given = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
  return nextVersion(
    record,
    {
      ...before,
      content: { ...before.content, ...given },
      category: category === undefined ? before.category : (category ?? ''),
      expires_at: expires_at === undefined ? before.expires_at : expires_at && new Date(expires_at).toISOString(),
      actions: actions?.length ? actions : before.actions,
      expired: false,
    },
    now,
  );
}

/** The state of a retracted notification: its recipients, and when it was published. */
export interface Retracted {
  topics: readonly string[];
  published_at: number;
}

/** The record that replaces a notification when it is retracted, for clients that come back later. */
export function retracted(record: StoredRecord, now: number): PutWrite {
  const { id, topics, rev, externalId } = record;
  const body = { type: 'retracted', id, timestamp: new Date(now).toISOString(), data: {} };
  const state: Retracted = { topics: stateOf(record).waits?.topics ?? topics, published_at: record.at };
  return {
    ...{ op: 'put', id, kind: 'retracted', topics, viewers: null, body: JSON.stringify(body) },
    state: JSON.stringify(state),
    ...{ alert: 'never', expired: false, category: '', type: null, search: null, dueAt: null, collapse: null },
    ...{ expect: rev, owner: null, status: null, externalId, at: now, key: null },
  };
}

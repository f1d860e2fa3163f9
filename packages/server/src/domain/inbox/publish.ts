import { hash } from 'node:crypto';
import { type NotifyInput, TidingsError } from '@tidings/protocol';
import { newId } from '../ids.ts';
import { instantOf } from '../instant.ts';
import { everyone, roleTopic, usernameTopic, userTopic } from '../topics.ts';
import type { PutWrite } from '../writes.ts';
import { fingerprint } from './fingerprint.ts';
import { notificationRecord } from './notification.ts';
import type { NotificationState, Recipient } from './state.ts';

/** The circumstances of a publication, beside what its author wrote. */
export interface Publication {
  /** Epoch milliseconds. */
  now: number;
  /** Scope of idempotency keys: the API key's name, or the process that embeds the server. */
  scope: string;
  /** The users a `{connected: true}` names at this moment. */
  connected: readonly string[];
  /** Its place in a batch that has an idempotency key of its own. */
  item?: BatchItem | undefined;
}

/** One item of a batch that is sent under one idempotency key. */
export interface BatchItem {
  key: string;
  /** Counted from 0. */
  index: number;
  /** The number of items in the batch. */
  count: number;
}

/** The longest delay of a delivery, ms: a year, with a day for leap years. */
const furthest = 366 * 86_400_000;

/** Turns what a back end asked for into the record to store. Throws TidingsError on what cannot be sent. */
export function publication(input: NotifyInput, at: Publication): PutWrite {
  check(input, at.now);
  const topics = topicsOf(input.to, at);
  const state = newState(input, at.now, topics);
  const key = keyOf(input, at);
  if (state.waits) return notificationRecord(state, { topics: [], alert: 'never', expect: null, key });
  return notificationRecord(state, {
    ...{ topics, expect: null, key, alert: state.silent ? 'never' : 'ask' },
    collapse: collapseOf(state, topics),
  });
}

/** The text by which a newer notification finds the one it replaces: same recipients, same key. */
export const collapseOf = (state: NotificationState, topics: readonly string[]): string | null =>
  state.collapse_key === null ? null : hash('sha1', [...topics].sort().concat(state.collapse_key).join('\n'), 'base64');

function newState(input: NotifyInput, now: number, topics: string[]): NotificationState {
  const { type = 'user_notification', notification_type, title, message, data, external_id } = input;
  const given = { notification_type, title, message, data, external_id };
  const iso = (text: string | undefined) => (text === undefined ? null : new Date(text).toISOString());
  const until = iso(input.deliver_at);
  return {
    id: newId('n', now),
    content: { type, ...given },
    to: recipientOf(input.to),
    published_at: now,
    silent: input.silent === true,
    category: input.category ?? '',
    expires_at: iso(input.expires_at),
    collapse_key: input.collapse_key ?? null,
    actions: input.actions ?? [],
    callback_url: input.callback_url ?? null,
    task_id: input.task_id === undefined ? null : String(input.task_id),
    waits: until === null ? null : { until, topics },
    ...{ expired: false, updated_at: null, answer: null, task: null },
  };
}

function topicsOf(to: NotifyInput['to'], { connected }: Publication): string[] {
  if ('user' in to) return [userTopic(String(to.user))];
  if ('username' in to) return [usernameTopic(String(to.username))];
  if ('users' in to) return [...new Set(to.users.map((id) => userTopic(String(id))))];
  if ('usernames' in to) return [...new Set(to.usernames.map((name) => usernameTopic(String(name))))];
  if ('role' in to) return [roleTopic(to.role)];
  if ('connected' in to) return connected.map(userTopic);
  return [everyone];
}

function recipientOf(to: NotifyInput['to']): Recipient {
  if ('user' in to) return { kind: 'user', name: String(to.user) };
  if ('username' in to) return { kind: 'username', name: String(to.username) };
  if ('role' in to) return { kind: 'role', name: to.role };
  return { kind: 'everyone' in to ? 'everyone' : 'several' };
}

/** The key by which a retry is known: the notification's own key, or its place in a batch that has one. */
function keyOf(input: NotifyInput, { scope, item }: Publication): PutWrite['key'] {
  const { idempotency_key: own } = input;
  if (own !== undefined) return { key: `${scope}\n${own}`, hash: fingerprint(input) };
  if (!item) return null;
  // A batch of another length is another batch.
  return { key: `${scope}\nbatch\n${item.key}\n${item.index}`, hash: `${fingerprint(input)} of ${item.count}` };
}

const bad = (message: string): TidingsError => new TidingsError('bad_request', message);

/** Refuses what a schema cannot check: times in the past, buttons with the same id, and members that contradict each other. */
function check(input: NotifyInput, now: number): void {
  const deliverAt = timeToCome('deliver_at', input.deliver_at, now);
  checkExpiry(input.expires_at, deliverAt ?? now);
  if (deliverAt !== null && 'connected' in input.to) {
    throw bad(
      'deliver_at does not go with {connected: true}: nobody knows who will be connected then; name users or everyone',
    );
  }
  checkActions(input.actions);
  if (input.task_id !== undefined && input.collapse_key !== undefined) {
    throw bad('collapse_key does not go with task_id: what follows a task is one item from its beginning to its end');
  }
  if (input.callback_url !== undefined && !input.actions?.length) {
    throw bad('callback_url needs "actions": there is nothing else that could be answered');
  }
}

/** An expiry that is over already is a mistake of the caller's. */
export function checkExpiry(expiresAt: string | null | undefined, after: number): void {
  if (expiresAt === null || expiresAt === undefined) return;
  if (instantOf('expires_at', expiresAt) <= after) {
    throw bad(`expires_at must be a time to come, and after deliver_at; got ${expiresAt}`);
  }
}

/** A time to come, no further away than a year; null if it is absent. Epoch milliseconds. */
export function timeToCome(name: string, text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  const at = instantOf(name, text);
  if (at <= now || at > now + furthest) {
    throw bad(
      `${name} must be a time to come, within a year; got ${text}, and it is ${new Date(now).toISOString()} now`,
    );
  }
  return at;
}

export function checkActions(actions: NotifyInput['actions']): void {
  const ids = (actions ?? []).map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw bad(`actions must have ids of their own; ${JSON.stringify(twice)} is there twice`);
}

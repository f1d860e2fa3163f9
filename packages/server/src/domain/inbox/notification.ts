import { hash } from 'node:crypto';
import { type NotifyInput, TidingsError } from '@tidings/protocol';
import { newId } from '../ids.ts';
import type { PutWrite } from '../ports.ts';
import { everyone, roleTopic, usernameTopic, userTopic } from '../topics.ts';
import { fileFields } from './file.ts';

/** The envelope's own names: what an application puts in `data` under them stays in `data`. */
const envelope = new Set([
  ...['type', 'id', 'rev', 'timestamp', 'data', 'replayed', 'snapshot', 'silent', 'category', 'expires_at', 'receipt'],
  ...['external_id', '__proto__'],
]);

/** What comes with a notification besides what its author wrote. */
export interface Publication {
  /** Epoch milliseconds. */
  now: number;
  /** Scope of idempotency keys: the API key's name, or the process that embeds the server. */
  scope: string;
  /** The users a `{connected: true}` names at this moment. */
  connected: () => readonly string[];
}

/** Turns what a back end asked for into the record to store. Throws TidingsError on what cannot be sent. */
export function notificationRecord(input: NotifyInput, publication: Publication): PutWrite {
  const id = newId('n', publication.now);
  const type = input.type ?? 'user_notification';
  const body = {
    type,
    id,
    timestamp: new Date(publication.now).toISOString(),
    ...ownFields(type, input, publication.now),
    ...(input.silent ? { silent: true } : {}),
    ...(input.category === undefined ? {} : { category: input.category }),
    ...(input.expires_at === undefined ? {} : { expires_at: new Date(input.expires_at).toISOString() }),
  };
  return {
    op: 'put',
    id,
    kind: 'notification',
    topics: topicsOf(input.to, publication),
    audience: null,
    body: JSON.stringify(body),
    state: null,
    alert: input.silent === true ? 'never' : 'ask',
    ...{ expired: false, category: input.category ?? '', type, search: null, dueAt: null, collapse: null },
    expect: null,
    owner: null,
    status: null,
    externalId: externalIdOf(input),
    at: publication.now,
    key:
      input.idempotency_key === undefined
        ? null
        : { key: `${publication.scope}\n${input.idempotency_key}`, hash: hashOf(input) },
  };
}

function externalIdOf(input: NotifyInput): string | null {
  const inData = input.type === 'notification' ? input.data?.id : undefined;
  const id = input.external_id ?? (typeof inData === 'string' || typeof inData === 'number' ? inData : undefined);
  return id === undefined ? null : String(id);
}

function topicsOf(to: NotifyInput['to'], publication: Publication): string[] {
  if ('user' in to) return [userTopic(String(to.user))];
  if ('username' in to) return [usernameTopic(String(to.username))];
  if ('users' in to) return [...new Set(to.users.map((id) => userTopic(String(id))))];
  if ('usernames' in to) return [...new Set(to.usernames.map((name) => usernameTopic(String(name))))];
  if ('role' in to) return [roleTopic(to.role)];
  if ('connected' in to) return publication.connected().map(userTopic);
  return [everyone];
}

/** Names the one recipient, where there is one; a record that several hear says nothing of them. */
const usernameOf = (to: NotifyInput['to']): { username?: string } => {
  if ('username' in to) return { username: String(to.username) };
  if ('user' in to) return { username: String(to.user) };
  return {};
};

/** The fields of each type beside the envelope, as the protocol's table gives them. */
function ownFields(type: string, input: NotifyInput, now: number): Record<string, unknown> {
  const data = input.data ?? {};
  const message = input.message ?? '';
  switch (type) {
    case 'user_message':
      return { ...usernameOf(input.to), message, data };
    case 'user_notification': {
      const level = { notification_type: input.notification_type ?? 'info', title: input.title ?? '' };
      return { ...usernameOf(input.to), ...level, message, data };
    }
    case 'user_file':
      return { ...usernameOf(input.to), message: input.message ?? 'File ready for download', ...fileFields(data) };
    case 'generic_message':
      return { message, data };
    case 'notification':
      return applicationNotification(input, now);
    default:
      return { ...spread(data), ...freeFields(input), data };
  }
}

/** The `notification` type: the application's own object, in `data` and at the top level but for its id. */
function applicationNotification(input: NotifyInput, now: number): Record<string, unknown> {
  const data = input.data ?? {};
  const recipient = recipientOf(input.to);
  const fields = {
    title: input.title ?? text(data.title),
    message: input.message ?? text(data.message),
    notification_type: input.notification_type ?? level(data.notification_type),
    ...recipient,
    created_at: typeof data.created_at === 'string' ? data.created_at : new Date(now).toISOString(),
    is_read: false,
  };
  const id = externalIdOf(input);
  return { external_id: id, ...fields, data: { ...data, ...fields, id } };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const level = (value: unknown): string =>
  value === 'success' || value === 'error' || value === 'warning' ? value : 'info';

function recipientOf(to: NotifyInput['to']): { recipient_id: string | null; recipient_type: 'user' | 'role' | 'all' } {
  if ('user' in to) return { recipient_id: String(to.user), recipient_type: 'user' };
  if ('username' in to) return { recipient_id: String(to.username), recipient_type: 'user' };
  if ('role' in to) return { recipient_id: to.role, recipient_type: 'role' };
  return { recipient_id: null, recipient_type: 'everyone' in to ? 'all' : 'user' };
}

const freeFields = (input: NotifyInput): Record<string, unknown> => ({
  ...(input.external_id === undefined ? {} : { external_id: String(input.external_id) }),
  ...(input.notification_type === undefined ? {} : { notification_type: input.notification_type }),
  ...(input.title === undefined ? {} : { title: input.title }),
  ...(input.message === undefined ? {} : { message: input.message }),
});

const spread = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !envelope.has(name)));

/** What was asked for, so that the same key with another body is noticed. */
const hashOf = (input: NotifyInput): string =>
  hash('sha1', JSON.stringify({ ...input, idempotency_key: undefined }), 'base64');

/** An expiry that is over already is a mistake of the caller's. */
export function checkExpiry(input: NotifyInput, now: number): void {
  if (input.expires_at === undefined) return;
  const at = Date.parse(input.expires_at);
  if (Number.isNaN(at) || at <= now) {
    throw new TidingsError('bad_request', `expires_at must be a time to come; got ${input.expires_at}`);
  }
}

import type { NotifyInput } from '@tidings/protocol';
import { fileFields } from './file.ts';
import type { NotificationState, Recipient } from './state.ts';

/** The envelope's own names: what an application puts in `data` under them stays in `data`. */
const envelope = new Set([
  ...['type', 'id', 'rev', 'timestamp', 'data', 'replayed', 'snapshot', 'cursor', 'truncated'],
  ...['silent', 'category', 'expires_at', 'receipt'],
  ...['external_id', 'alert_rev', 'topic', 'updated_at', 'expired', 'collapse_key', 'actions', 'answer', 'task'],
  '__proto__',
]);

/** The content of a notification as its author gave it. */
type Content = Pick<NotifyInput, 'type' | 'notification_type' | 'title' | 'message' | 'data' | 'external_id'>;

/** Names the recipient, if there is only one; a record with several recipients names none. */
const usernameOf = (to: Recipient): { username?: string } =>
  to.kind === 'user' || to.kind === 'username' ? { username: to.name } : {};

/** The fields of each type beside the envelope, as the protocol's table gives them. */
export function ownFields({ content, to, published_at }: NotificationState): Record<string, unknown> {
  const { type } = content;
  const data = content.data ?? {};
  const message = content.message ?? '';
  switch (type) {
    case 'user_message':
      return { ...usernameOf(to), message, data };
    case 'user_notification': {
      const level = { notification_type: content.notification_type ?? 'info', title: content.title ?? '' };
      return { ...usernameOf(to), ...level, message, data };
    }
    case 'user_file':
      return { ...usernameOf(to), message: content.message ?? 'File ready for download', ...fileFields(data) };
    case 'generic_message':
      return { message, data };
    case 'notification':
      return applicationNotification(content, to, published_at);
    default:
      return { ...spread(data), ...freeFields(content), data };
  }
}

/** The `notification` type: the application's own object, in `data` and at the top level but for its id. */
function applicationNotification(content: Content, to: Recipient, at: number): Record<string, unknown> {
  const data = content.data ?? {};
  const fields = {
    title: content.title ?? text(data.title),
    message: content.message ?? text(data.message),
    notification_type: content.notification_type ?? level(data.notification_type),
    ...recipientOf(to),
    created_at: typeof data.created_at === 'string' ? data.created_at : new Date(at).toISOString(),
    is_read: false,
  };
  const id = externalIdOf(content);
  const notification_type = kindIn(data) ?? fields.notification_type;
  return { external_id: id, ...fields, data: { ...data, ...fields, notification_type, id } };
}

/** An application's own kind, where its object names one that is no colour. */
function kindIn({ notification_type: kind }: Record<string, unknown>): string | null {
  return typeof kind === 'string' && kind !== '' && level(kind) !== kind ? kind : null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const level = (value: unknown): string =>
  value === 'success' || value === 'error' || value === 'warning' ? value : 'info';

function recipientOf(to: Recipient): { recipient_id: string | null; recipient_type: 'user' | 'role' | 'all' } {
  switch (to.kind) {
    case 'user':
    case 'username':
      return { recipient_id: to.name, recipient_type: 'user' };
    case 'role':
      return { recipient_id: to.name, recipient_type: 'role' };
    case 'everyone':
      return { recipient_id: null, recipient_type: 'all' };
    case 'several':
      return { recipient_id: null, recipient_type: 'user' };
  }
}

const freeFields = (content: Content) => ({
  ...(content.external_id === undefined ? {} : { external_id: String(content.external_id) }),
  ...(content.notification_type === undefined ? {} : { notification_type: content.notification_type }),
  ...(content.title === undefined ? {} : { title: content.title }),
  ...(content.message === undefined ? {} : { message: content.message }),
});

const spread = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !envelope.has(name)));

/** The application's own id of a notification; null if it gave none. */
export function externalIdOf({ type, external_id, data }: Content): string | null {
  const inData = type === 'notification' ? data?.id : undefined;
  const id = external_id ?? (typeof inData === 'string' || typeof inData === 'number' ? inData : undefined);
  return id === undefined ? null : String(id);
}

/** Reads the content from the frame, where no other state is stored. */
export function contentOf(frame: Record<string, unknown>): NotificationState['content'] {
  const data = (frame.data ?? {}) as Record<string, unknown>;
  const isBuiltIn = builtIn.has(String(frame.type));
  const own = ['title', 'message', 'notification_type', 'external_id'] as const;
  const given = own.filter((name) => typeof frame[name] === 'string' && (isBuiltIn || frame[name] !== data[name]));
  return { type: String(frame.type), ...Object.fromEntries(given.map((name) => [name, frame[name]])), data };
}

const builtIn = new Set(['user_message', 'user_notification', 'user_file', 'generic_message', 'notification']);

import { hash } from 'node:crypto';
import type { Audience, NotifyInput } from '@tidings/protocol';
import { sorted } from '../sorted-json.ts';

/**
 * Says what a notification asks for, so that an idempotency key that is used for another one is noticed. Values count, not how
 * they are written: the order of members, `7` or `"7"`, a default that is said aloud and the zone of an instant make no difference.
 */
export function fingerprint(input: NotifyInput): string {
  const { to, type = 'user_notification', notification_type, title, message, data, category, external_id } = input;
  const { expires_at, deliver_at, collapse_key, task_id, actions = [], callback_url, silent = false } = input;
  const level = notification_type ?? (type === 'user_notification' ? 'info' : undefined);
  const content = [type, level, title, message, sorted(data ?? {}), textOf(external_id)];
  const times = [expires_at, deliver_at].map((text) => text && Date.parse(text));
  const buttons = actions.map(({ id, label, style = 'default' }) => [id, label, style]);
  const rest = [category, collapse_key, textOf(task_id), buttons, callback_url, silent];
  return hash('sha1', JSON.stringify([audienceOf(to), content, times, rest]), 'base64');
}

const textOf = (id: string | number | undefined): string | undefined => (id === undefined ? undefined : String(id));

function audienceOf(to: Audience): unknown {
  const [[kind, named]] = Object.entries(to) as [[string, unknown]];
  if (Array.isArray(named)) return [kind, [...new Set(named.map(String))].sort()];
  return [kind, String(named)];
}

import type { TidingsClient } from '../../client.ts';
import type { NotificationFrame } from '../../inbox-item.ts';

/** True if a frame is live news: not replayed, not of a snapshot, not an edit, and not silent. */
export const isNews = (frame: object): frame is NotificationFrame =>
  'id' in frame && !['replayed', 'snapshot', 'silent', 'updated_at', 'expired'].some((mark) => mark in frame);

/** True if a notification was dealt with, here or elsewhere: read, put away, or gone. An answered one goes by its time. */
export function isDealtWith(client: TidingsClient, id: string): boolean {
  const item = client.inbox.getSnapshot().items.find((one) => one.id === id);
  return !item || (item.read && !item.answer) || item.expired;
}

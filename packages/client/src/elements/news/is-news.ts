import type { TidingsClient } from '../../client.ts';
import type { NotificationFrame } from '../../inbox-item.ts';

/** True if a frame is news of this moment: neither sent again, nor a state of things, nor a change of what was sent, nor sent to be silent. */
export const isNews = (frame: object): frame is NotificationFrame =>
  'id' in frame && !['replayed', 'snapshot', 'silent', 'updated_at', 'expired'].some((mark) => mark in frame);

/** True if a notification was dealt with, here or elsewhere: read, put away, or gone. An answered one goes by its time. */
export function isDealtWith(client: TidingsClient, id: string): boolean {
  const item = client.inbox.getSnapshot().items.find((one) => one.id === id);
  return !item || (item.read && !item.answer) || item.expired;
}

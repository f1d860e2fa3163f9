import type { Inbox } from '../inbox.ts';
import { type InboxItem, withChange } from '../inbox-item.ts';

/** Marks as read what mentions the user in a room, held here or not. What comes meanwhile shows as the server says. */
export function readMentions(inbox: Inbox, room: string): Promise<void> {
  const newest = inbox.getSnapshot().items[0]?.alertRev ?? -1;
  return inbox.records.act({ action: 'mark_read', room }, (item) =>
    item.alertRev <= newest && isMention(item, room) ? withChange(item, { read: true }) : item,
  );
}

const isMention = ({ category, frame }: InboxItem, room: string): boolean =>
  category === 'mentions' && frame.data.room === room;

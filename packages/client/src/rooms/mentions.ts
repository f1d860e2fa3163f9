import type { Inbox } from '../inbox.ts';
import type { InboxItem } from '../inbox-item.ts';

/** Marks as read what mentions the user in a room, held here or not. What comes meanwhile shows as the server says. */
export function readMentions(inbox: Inbox, room: string): Promise<void> {
  const newest = inbox.getSnapshot().items[0]?.alertRev ?? -1;
  return inbox.records.act({ action: 'mark_read', room }, (item) =>
    item.alertRev <= newest && isUnreadMention(item, room) ? { ...item, read: true } : item,
  );
}

const isUnreadMention = ({ category, read, frame }: InboxItem, room: string): boolean =>
  category === 'mentions' && !read && frame.data.room === room;

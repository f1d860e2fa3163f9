import type { ElementStrings, OwnStrings } from '../strings.ts';
import { taskEnglish } from '../task/strings.ts';

/** The texts of the inbox, in English. */
export const inboxEnglish = {
  connecting: 'Connecting…',
  reconnecting: 'Connection lost. Reconnecting…',
  idle: 'Not connected',
  closed: 'Not connected',
  unreadMark: 'unread',
  markAllRead: 'Mark all as read',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  archive: 'Archive',
  unarchive: 'Move to inbox',
  snooze: 'Snooze',
  unsnooze: 'End snooze',
  /** The tabs. A category is shown by its name unless it is named here. */
  all: 'All',
  onlyUnread: 'Unread',
  archived: 'Archived',
  snoozed: 'Snoozed',
  categories: {} as Record<string, string>,
  filter: 'Filter notifications',
  search: 'Search notifications',
  loadMore: 'Load more',
  emptyTitle: 'You’re all caught up',
  emptyText: 'New notifications will appear here.',
  emptyUnread: 'Nothing unread',
  emptyArchived: 'Nothing archived',
  emptySnoozed: 'Nothing snoozed',
  emptyCategory: 'Nothing here',
  emptySearch: (text: string) => `Nothing found for “${text}”`,
  snoozeUntil: 'Snooze until',
  inAnHour: 'In an hour',
  thisEvening: 'This evening',
  tomorrowMorning: 'Tomorrow morning',
  nextWeek: 'Next week',
  until: (time: string) => `Until ${time}`,
  undo: 'Undo',
  archivedNow: 'Archived',
  snoozedNow: (time: string) => `Snoozed until ${time}`,
  allReadNow: 'All marked as read',
  retry: 'Retry',
  expired: 'Expired',
  /** What somebody has done who pressed a button, by the button's id; others are told by their label. */
  done: {
    ...{ approve: 'Approved', reject: 'Rejected', accept: 'Accepted', decline: 'Declined', confirm: 'Confirmed' },
  } as Record<string, string>,
  you: 'you',
  answered: (done: string, who: string, when: string) => `${done} by ${who}, ${when}`,
};

/** All words, as an element has them in part. */
export const allWords = (words: OwnStrings & Partial<ElementStrings>): ElementStrings => ({
  ...taskEnglish,
  ...inboxEnglish,
  ...words,
});

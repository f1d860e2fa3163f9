import type { HealthStrings } from './health/strings.ts';
import type { inboxEnglish } from './inbox/strings.ts';
import type { roomEnglish } from './room/strings.ts';
import type { taskEnglish } from './task/strings.ts';

/** The texts that every page loads, in English; `taskEnglish`, `roomEnglish`, `healthEnglish` and `inboxEnglish` are loaded with their elements. */
export const english = {
  /** BCP 47; dates, numbers and units are written for it. */
  locale: 'en',
  notifications: 'Notifications',
  dismiss: 'Dismiss',
  dismissAll: 'Dismiss all',
  success: 'Success',
  error: 'Error',
  warning: 'Warning',
  info: 'Information',
  open: 'Open',
  download: 'Download',
  close: 'Close',
  more: (count: number) => `${count} more in your notifications`,
  fileReady: 'File ready',
  fileOf: (index: number, count: number) => `${index} of ${count}`,
  unsafeLink: 'This is not a web address, so it is shown as text only.',
  unread: (count: number) => (count === 0 ? 'no unread' : `${count} unread`),
  loading: 'Loading…',
  loadFailed: 'This could not be loaded.',
  tryAgain: 'Try again',
  actionFailed: 'That did not work. Try again.',
};

export type OwnStrings = typeof english;
export type InboxStrings = OwnStrings & typeof taskEnglish & typeof inboxEnglish;
/** Every text there is. An app replaces some or all: `TidingsElement.strings = {...}`. */
export type ElementStrings = InboxStrings & typeof roomEnglish & HealthStrings;

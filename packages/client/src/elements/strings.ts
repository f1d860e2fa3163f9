import type { inboxEnglish } from './inbox/strings.ts';

/** Every text that the elements show at first, in English; `inboxEnglish` has those of the inbox, which is loaded when it is opened. */
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
  task: 'Task',
  waitingForReport: 'Waiting for the first report…',
  queued: 'Queued',
  processing: 'In progress',
  waiting: 'Waiting for a decision',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  cancel: 'Cancel',
  cancelling: 'Cancelling…',
  retry: 'Retry',
  expired: 'Expired',
  step: (step: number, total: number) => (total ? `Step ${step} of ${total}` : `Step ${step}`),
  attempt: (attempt: number) => `attempt ${attempt}`,
  timeLeft: (duration: string) => `about ${duration} left`,
  /** What somebody has done who pressed a button, by the button's id; others are told by their label. */
  done: {
    approve: 'Approved',
    reject: 'Rejected',
    accept: 'Accepted',
    decline: 'Declined',
    confirm: 'Confirmed',
  } as Record<string, string>,
  you: 'you',
  answered: (done: string, who: string, when: string) => `${done} by ${who}, ${when}`,
};

export type OwnStrings = typeof english;
/** Every text there is. An app replaces some or all: `TidingsElement.strings = {...}`. */
export type ElementStrings = OwnStrings & typeof inboxEnglish;

import {
  type Answer,
  type DurableFields,
  type FrameOf,
  isDurable,
  type LinkedTask,
  type NotificationAction,
  type Receipt,
  type ServerFrame,
} from '@tidings/protocol';

/** A notification frame: built in (`user_message`, `user_file`, `notification`, ...) or an event of the application's own. */
export type InboxFrame = Extract<ServerFrame, DurableFields>;

/** What a person did with a notification. */
export interface Standing {
  read: boolean;
  /** Shown to this person already, read or not. */
  seen: boolean;
  archived: boolean;
  /** When it comes back by itself, ISO 8601; null where it is not put off. */
  snoozedUntil: string | null;
}

/** One notification as this user has it. A new object whenever it changed. */
export interface InboxItem extends Standing {
  id: string;
  rev: number;
  /** Its place in the list: the rev at which it last asked for attention, which an edit does not move. */
  alertRev: number;
  frame: InboxFrame;
  category: string | null;
  /** Shown, but over. */
  expired: boolean;
  /** Its buttons; none once it is answered. */
  actions: readonly NotificationAction[];
  /** What was answered, by whoever came first. */
  answer: Answer | null;
  /** The id of the button whose answer is under way. */
  answering: string | null;
  /** The task that a living notification follows, as it was last told. */
  task: LinkedTask | null;
}

/** What every notification may carry, whatever its type. */
export type Notice = InboxFrame & Partial<FrameOf<'user_message'>>;

const elsewhere = /^(task_|topic_(joined|left)$|receipts$|retracted$|room_event$)/;

/** Whether a frame is a notification that belongs into a list. */
export function isNotification(frame: ServerFrame): frame is Notice {
  return isDurable(frame) && !elsewhere.test(frame.type) && !(frame as Notice).silent;
}

/** The rev at which the notification of a frame last asked for attention, as far as the frame tells. */
export const placeOf = ({ alert_rev, rev }: Notice): number => alert_rev ?? rev;

export const standingOf = ({ read_at, seen_at, archived_at, snoozed_until }: Receipt): Standing => ({
  read: read_at !== null,
  seen: seen_at !== null,
  archived: archived_at !== null,
  snoozedUntil: snoozed_until,
});

/** An item after a change; itself, where that changes nothing. */
export const withChange = (item: InboxItem, change: Partial<InboxItem>): InboxItem =>
  (Object.keys(change) as (keyof InboxItem)[]).every((name) => item[name] === change[name])
    ? item
    : { ...item, ...change };

/** As the server counts. */
export const isUnread = ({ read, archived, snoozedUntil, expired, answer }: InboxItem): boolean =>
  !read && !archived && !snoozedUntil && !expired && !answer;

/** @param standing may be an older state of the same item */
export function itemOf(frame: Notice, alertRev: number, standing: Standing): InboxItem {
  const { id, rev, category = null, expired = false, answer = null, actions = [], task = null } = frame;
  const buttons = answer || expired ? [] : actions;
  return { ...standing, id, rev, alertRev, frame, category, expired, answer, task, actions: buttons, answering: null };
}

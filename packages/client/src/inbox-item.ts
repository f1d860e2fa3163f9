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

/** The actions of this user on a notification. */
export interface ReceiptState {
  read: boolean;
  /** Shown to this person already, read or not. */
  seen: boolean;
  archived: boolean;
  /** When the snooze ends, ISO 8601; null without a snooze. */
  snoozedUntil: string | null;
}

/** One notification as this user has it. A new object whenever it changed. */
export interface InboxItem extends ReceiptState {
  id: string;
  rev: number;
  /** Orders the list: the rev at which it last asked for attention, which an edit leaves as it was. */
  alertRev: number;
  frame: InboxFrame;
  category: string | null;
  /** Still shown, but without buttons, and not counted. */
  expired: boolean;
  /** Its buttons; none once it is answered. */
  actions: readonly NotificationAction[];
  /** The first answer that anybody gave. */
  answer: Answer | null;
  /** The id of the button whose answer is under way. */
  answering: string | null;
  /** The task that is linked to the notification, by its latest report. */
  task: LinkedTask | null;
}

/** The members that every notification may carry, whatever its type. */
export type NotificationFrame = InboxFrame & Partial<FrameOf<'user_message'>>;

const otherTypes = /^(task_.*|room_(event|state)|receipts|topic_left|retracted|topic_joined)$/;

/** True for a frame that belongs in a list of notifications. */
export function isNotification(frame: ServerFrame): frame is NotificationFrame {
  return isDurable(frame) && !otherTypes.test(frame.type) && !(frame as NotificationFrame).silent;
}

/** The rev at which the notification of a frame last asked for attention, as far as the frame says. */
export const alertRevOf = ({ alert_rev, rev }: NotificationFrame): number => alert_rev ?? rev;

/**
 * @param receipt by default that of a notification that nothing was done with
 * @returns with the rev at which its snooze ended; 0 for none
 */
export const receiptStateOf = (receipt?: Receipt): ReceiptState & { alertRev: number } => ({
  alertRev: receipt?.alert_rev ?? 0,
  read: !!receipt?.read_at,
  seen: !!receipt?.seen_at,
  archived: !!receipt?.archived_at,
  snoozedUntil: receipt?.snoozed_until ?? null,
});

/** An item after a change; the same object if nothing changes. */
export const withChange = (item: InboxItem, change: Partial<InboxItem>): InboxItem =>
  (Object.keys(change) as (keyof InboxItem)[]).every((name) => item[name] === change[name])
    ? item
    : { ...item, ...change };

/** Counts as the server does. */
export const isUnread = ({ read, archived, snoozedUntil, expired, answer }: InboxItem): boolean =>
  !read && !archived && !snoozedUntil && !expired && !answer;

/** @param state may be an older version of the same item */
export function itemOf(frame: NotificationFrame, alertRev: number, state: ReceiptState): InboxItem {
  const { id, rev, category = null, expired = false, answer = null, actions = [], task = null } = frame;
  const buttons = answer || expired ? [] : actions;
  return { ...state, id, rev, alertRev, frame, category, expired, answer, task, actions: buttons, answering: null };
}

import type { Answer, LinkedTask, NotificationAction, NotifyInput } from '@tidings/protocol';

/** The recipient that a notification's frame names. */
export type Recipient =
  | { kind: 'user' | 'username' | 'role'; name: string }
  | { kind: 'everyone' }
  | { kind: 'several' };

/** Everything of a notification: every version of its record is made from this. */
export interface NotificationState {
  id: string;
  content: Pick<NotifyInput, 'notification_type' | 'title' | 'message' | 'data' | 'external_id'> & { type: string };
  to: Recipient;
  /** The time of publication, or of the request for a scheduled one. Epoch milliseconds. */
  published_at: number;
  silent: boolean;
  category: string;
  /** ISO 8601, UTC; null for none. */
  expires_at: string | null;
  collapse_key: string | null;
  actions: NotificationAction[];
  callback_url: string | null;
  task_id: string | null;
  /** For one that is scheduled: when it is due, and whom it is for. */
  waits: { until: string; topics: string[] } | null;
  expired: boolean;
  /** The time of the last change after publication; ISO 8601, UTC; null for none. */
  updated_at: string | null;
  answer: Answer | null;
  /** The task that it is linked to, as the notification shows it. */
  task: LinkedTask | null;
}

import type { Answer, LinkedTask, NotificationAction, NotifyInput } from '@tidings/protocol';

/** Whom a notification names, as far as its frame tells. */
export type Recipient =
  | { kind: 'user' | 'username' | 'role'; name: string }
  | { kind: 'everyone' }
  | { kind: 'several' };

/** All there is to a notification: every version of its record is made from this. */
export interface NotificationState {
  id: string;
  content: Pick<NotifyInput, 'notification_type' | 'title' | 'message' | 'data' | 'external_id'> & { type: string };
  to: Recipient;
  /** When it was published, or for one that is scheduled, asked for. Epoch milliseconds. */
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
  /** When it last changed after it was published; ISO 8601, UTC. */
  updated_at: string | null;
  answer: Answer | null;
  /** How the task it follows is doing. */
  task: LinkedTask | null;
}

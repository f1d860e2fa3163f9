/** The recipients of a notification: exactly one of these. Ids may be numbers, and are strings on the wire. */
export type Audience =
  | { user: string | number }
  | { username: string | number }
  | { users: (string | number)[] }
  | { usernames: (string | number)[] }
  | { role: string }
  | { everyone: true }
  | { connected: true };

/** The colour of a toast: success green, error red, warning orange, info blue. */
export type NotificationType = 'success' | 'error' | 'info' | 'warning';

/** A button on a notification. */
export interface NotificationAction {
  /** Returned in the answer: letters, digits, `_ . : -`, beginning with a letter. */
  id: string;
  label: string;
  style?: 'primary' | 'danger' | 'default';
}

/** A notification to be stored and pushed: the body of `POST /api/v1/notifications`. */
export interface NotifyInput {
  to: Audience;
  /** The type of the frame that arrives: a built-in one, as `user_message`, or one of the application's own. */
  type?: string;
  notification_type?: NotificationType;
  title?: string;
  message?: string;
  /** Any JSON object. */
  data?: Record<string, unknown>;
  category?: string;
  /** The application's own id. */
  external_id?: string | number;
  /** ISO 8601 with a time zone. */
  expires_at?: string;
  /** ISO 8601 with a time zone, at most a year ahead: stored now, delivered then. */
  deliver_at?: string;
  /** A newer notification with the same key and recipients replaces an unread older one. */
  collapse_key?: string;
  /** The task to link to: the one item shows the task's progress, then its outcome. */
  task_id?: string | number;
  /** One to five buttons. The first answer counts. */
  actions?: NotificationAction[];
  /** The URL to which the answer is posted, signed; its origin must be one that the server allows. */
  callback_url?: string;
  /** Calls with the same key are stored once. Default: a new key for each call. */
  idempotency_key?: string;
  /** Stored and delivered, but never counted as unread and never toasted. */
  silent?: boolean;
}

/** A stored notification. */
export interface NotifyResult {
  id: string;
  /** Its position in the one sequence. */
  rev: number;
  /** It had been stored before, under the same key. */
  duplicate?: true;
  /** It waits for its `deliver_at`. */
  scheduled?: true;
  /** It replaced an unread one with the same collapse key; the id is that one's. */
  collapsed?: true;
}

/** A notification that was changed. */
export interface Revision {
  id: string;
  /** Position of its newest change in the one sequence. */
  rev: number;
}

/** A change of a notification in place: the body of `PATCH`. Members that are left out stay as they are. */
export interface NotificationEdit {
  notification_type?: NotificationType;
  title?: string;
  message?: string;
  data?: Record<string, unknown>;
  /** null: none. */
  category?: string | null;
  /** null: never. */
  expires_at?: string | null;
  actions?: NotificationAction[];
}

/** The choice of a person on a notification that has buttons. */
export interface Answer {
  action_id: string;
  /** The text of the button. */
  label: string;
  style?: 'primary' | 'danger' | 'default';
  user_id: string;
  username: string;
  /** ISO 8601, UTC. */
  answered_at: string;
  comment?: string;
}

/** An answer as back ends get it: from `GET /api/v1/answers`, from the SDK and, without `rev`, by callback. */
export interface AnswerEvent extends Answer {
  /** The notification. */
  id: string;
  external_id: string | null;
  task_id: string | null;
  /** Its position in the one sequence: keep it, and continue after it. */
  rev: number;
}

/** The reply to an answer. */
export interface AnswerResult {
  /** The notification. */
  id: string;
  answer: Answer;
  /** The same person had given the same answer before. */
  repeated?: true;
}

/** Some of the answers that people gave, oldest first. */
export interface AnswerPage {
  items: AnswerEvent[];
  /** The `after` of the next page. */
  next_after: number;
}

export type NotificationStatus = 'scheduled' | 'live' | 'answered' | 'expired' | 'retracted';

/** A notification as back ends see it now. */
export interface NotificationView {
  id: string;
  /** Position of its newest change in the one sequence. */
  rev: number;
  status: NotificationStatus;
  /** Its recipients. Usernames whose id is known by now are given as ids. */
  to: Audience;
  external_id: string | null;
  /** When it was published or, while it is scheduled, when it was accepted; ISO 8601, UTC. */
  created_at: string;
  /** When it is due; ISO 8601, UTC; null unless it is scheduled. */
  deliver_at: string | null;
  /** The task it is linked to. */
  task_id: string | null;
  /** null while nobody has answered. */
  answer: Answer | null;
  /** The frame its recipients get; null once it is retracted. */
  frame: ({ type: string } & Record<string, unknown>) | null;
}

/** Some of the scheduled notifications, soonest first. */
export interface ScheduledPage {
  items: NotificationView[];
  /** The `before` of the next page; null: there is none. */
  next_before: string | null;
}

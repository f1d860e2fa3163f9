/**
 * What the sender sends and is answered, as plain types: the package's declarations need no other package. A test holds them
 * equal to the schemas of `@tidings/protocol`, where limits and formats are told.
 */

/** Who a notification is for: exactly one of these. Ids may be numbers, and are strings on the wire. */
export type Audience =
  | { user: string | number }
  | { username: string | number }
  | { users: (string | number)[] }
  | { usernames: (string | number)[] }
  | { role: string }
  | { everyone: true }
  | { connected: true };

export type NotificationType = 'success' | 'error' | 'info' | 'warning';

/** A button on a notification. */
export interface NotificationAction {
  /** What its answer brings back: letters, digits, `_ . : -`, beginning with a letter. */
  id: string;
  label: string;
  style?: 'primary' | 'danger' | 'default';
}

/** A notification to be stored and pushed. */
export interface NotifyInput {
  to: Audience;
  /** The type of the frame that arrives: a built-in one, as `user_message`, or any of the application's own. */
  type?: string;
  /** The colour of a toast: success green, error red, warning orange, info blue. */
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
  /** A newer notification with the same key and recipients takes the place of an unread older one. */
  collapse_key?: string;
  /** The task it follows: the one item shows its progress, then its outcome. */
  task_id?: string | number;
  /** One to five buttons. The first answer is the answer. */
  actions?: NotificationAction[];
  /** Where the answer is posted to, signed; an origin that the server allows. */
  callback_url?: string;
  /** What is sent again under the same key is stored once. Default: one of its own for each call. */
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
  /** It took the place of an unread one with the same collapse key, whose id this is. */
  collapsed?: true;
}

/** A change of a notification in place; what it leaves out stays as it is. */
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

/** What a person chose on a notification that has buttons. */
export interface Answer {
  action_id: string;
  /** What the button said. */
  label: string;
  style?: 'primary' | 'danger' | 'default';
  user_id: string;
  username: string;
  /** ISO 8601, UTC. */
  answered_at: string;
  comment?: string;
}

/** An answer as it comes back to the sender. */
export interface AnswerEvent extends Answer {
  /** The notification. */
  id: string;
  external_id: string | null;
  task_id: string | null;
  /** Its position in the one sequence: keep it, and go on after it. */
  rev: number;
}

export type NotificationStatus = 'scheduled' | 'live' | 'answered' | 'expired' | 'retracted';

/** A notification as it stands. */
export interface NotificationView {
  id: string;
  rev: number;
  status: NotificationStatus;
  /** Whom it is for; names that are known by now are ids. */
  to: Audience;
  external_id: string | null;
  /** When it was published, or asked for where it is scheduled; ISO 8601, UTC. */
  created_at: string;
  /** When it is due; ISO 8601, UTC; null unless it is scheduled. */
  deliver_at: string | null;
  /** The task it follows. */
  task_id: string | null;
  /** null while nobody has answered. */
  answer: Answer | null;
  /** As its recipients are sent it; null once it is retracted. */
  frame: ({ type: string } & Record<string, unknown>) | null;
}

export type TaskStatus = 'queued' | 'processing' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** A report on a task; what it leaves out stays as it is. */
export interface TaskReport {
  name?: string;
  /** The user it belongs to. */
  owner?: string | number;
  followers?: (string | number)[];
  status?: TaskStatus;
  message?: string;
  /** Per cent, 0 to 100. */
  progress?: number;
  step?: string;
  step_number?: number;
  total_steps?: number;
  result?: unknown;
  error?: string;
  data?: Record<string, unknown>;
  attempt?: number;
  /** Position of this report within its attempt; an older one is dropped. */
  seq?: number;
  /** Begins a new attempt of a task that is completed or cancelled. */
  restart?: boolean;
  /** As in NotifyInput. */
  idempotency_key?: string;
}

export interface TaskStart extends TaskReport {
  /** Default: the server makes one. */
  task_id?: string | number;
}

/** What a person decided on a task. */
export interface TaskAnswer {
  /** The button that was chosen; null where there was none. */
  action_id: string | null;
  /** What was said where there was no button, any JSON. */
  value?: unknown;
  user_id: string;
  username: string;
  /** ISO 8601, UTC. */
  answered_at: string;
  comment?: string;
}

/** A task as it stands. */
export interface Task {
  task_id: string;
  rev: number;
  name: string | null;
  owner: string | null;
  followers: string[];
  status: TaskStatus;
  message: string;
  /** Per cent, 0 to 100. */
  progress: number;
  step: string | null;
  step_number: number;
  total_steps: number;
  attempt: number;
  result: unknown;
  error: string | null;
  data: Record<string, unknown>;
  cancel_requested: boolean;
  /** What was decided last in this attempt; null while nothing was. */
  answer?: TaskAnswer | null;
  /** These four are ISO 8601, UTC. */
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
}

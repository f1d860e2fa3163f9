export type TaskStatus = 'queued' | 'processing' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** A report on a task: the body of `PATCH /api/v1/tasks/{id}`. Members that are left out stay as they are. */
export interface TaskReport {
  name?: string;
  /** The user it belongs to. */
  owner?: string | number;
  /** Other users who may follow it. */
  followers?: (string | number)[];
  status?: TaskStatus;
  message?: string;
  /** Per cent, 0 to 100. */
  progress?: number;
  step?: string;
  step_number?: number;
  total_steps?: number;
  /** With `completed`: any JSON. */
  result?: unknown;
  /** With `failed`: the reason. */
  error?: string;
  data?: Record<string, unknown>;
  /** The attempt it belongs to; reports on older attempts are dropped. */
  attempt?: number;
  /** Position of this report within its attempt; an older one is dropped. */
  seq?: number;
  /** Begins a new attempt of a task that is completed or cancelled. */
  restart?: boolean;
  /** As in NotifyInput. */
  idempotency_key?: string;
}

/** The beginning of a task: the body of `POST /api/v1/tasks`. */
export interface TaskStart extends TaskReport {
  /** Default: the server makes one. */
  task_id?: string | number;
}

/** The decision of a person on a task. */
export interface TaskAnswer {
  /** The button that was chosen; null if there was none. */
  action_id: string | null;
  /** The answer if there was no button, any JSON. */
  value?: unknown;
  user_id: string;
  username: string;
  /** ISO 8601, UTC. */
  answered_at: string;
  comment?: string;
}

/** The state of a task. */
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
  /** The newest decision of this attempt; null while there is none. */
  answer?: TaskAnswer | null;
  /** Of a queued task: the time before which it is not begun, ISO 8601, UTC; null where it need not wait. */
  run_at?: string | null;
  /** These four are ISO 8601, UTC. */
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
}

/** The tasks to list. */
export interface TaskFilter {
  /** The id of the user they belong to. */
  owner?: string;
  status?: TaskStatus;
  name?: string;
  /** The `next_before` of the page before. */
  before?: number;
  /** 1 to 100; default 20. */
  limit?: number;
}

/** Some of the tasks, newest change first. */
export interface TaskPage {
  items: Task[];
  /** The `before` of the next page; null: there is none. */
  next_before: number | null;
}

/** The state of the task that a notification is linked to, as the notification shows it. */
export interface LinkedTask {
  task_id: string;
  status: TaskStatus;
  message: string;
  /** Per cent, 0 to 100. */
  progress: number;
  step: string | null;
  step_number: number;
  total_steps: number;
  attempt: number;
  /** When it may be done, by its progress so far; ISO 8601, UTC. */
  eta: string | null;
  cancel_requested: boolean;
  /** True where `retry_task` begins it again. */
  can_retry: boolean;
  result?: unknown;
  error?: string;
  ended_at: string | null;
}

export type TaskLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** An entry for the log of a task. */
export interface TaskLogLine {
  /** 64 KiB at most. */
  text: string;
  /** `line` (the default) is whole; a `chunk` continues the text of the chunk before, as the output of a program comes. */
  kind?: 'line' | 'chunk';
  /** Default: `info`. */
  level?: TaskLogLevel;
  /** ISO 8601 with a time zone. Default: now. */
  at?: string;
}

/** Entries for the log of a task: the body of `POST /api/v1/tasks/{id}/log`. */
export interface TaskLogInput {
  /** 1,000 at most, in order. */
  entries: TaskLogLine[];
  /** The attempt that they are of; an older one than the task's is `conflict`. Default: that of the task. */
  attempt?: number;
  /** As in NotifyInput. */
  idempotency_key?: string;
}

/** The answer: the number of the last entry that was added. */
export interface TaskLogAdded {
  seq: number;
  duplicate?: true;
}

/** An entry of the log of a task. */
export interface TaskLogEntry {
  /** Its place in the log: entries are counted from 1, without gaps. */
  seq: number;
  /** The first of several that came together in this one. Absent: `seq`. */
  first_seq?: number;
  /** `dropped` stands where entries were removed: its text says how many bytes. */
  kind: 'line' | 'chunk' | 'dropped';
  level: TaskLogLevel;
  attempt: number;
  /** ISO 8601, UTC. */
  at: string;
  text: string;
  /** The rest of the text does not fit into the client's largest frame: `GET /api/v1/tasks/{id}/log` has it. */
  truncated?: true;
}

/** A page of the log of a task, oldest first. */
export interface TaskLogPage {
  /** With `level` there may be none, and more to come. */
  items: TaskLogEntry[];
  /** Give it as `after` to go on. */
  next_after: number;
  /** There are later entries already. */
  has_more: boolean;
}

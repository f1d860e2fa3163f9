import type { Answer, Task, TaskAnswer } from '@tidings/protocol';

/** The stored state of a task: the part that its owner may read, and the server's own. */
export interface TaskState extends Omit<Task, 'rev'> {
  /** The time before which a queued task is not begun, ISO 8601, UTC; null: it is begun when there is room. */
  run_at: string | null;
  /** The newest `(attempt, seq)` taken; older reports are dropped. */
  seq: number | null;
  /** For tasks this server runs itself. */
  run: TaskRun | null;
  /** People who could see it once and may not any more: users, or `anyone` if it was open to all. */
  former: readonly string[] | 'anyone';
  /** True while nobody has reported on it: it is known only because a notification is linked to it. */
  isPlaceholder: boolean;
  /** The questions of its handler in this attempt. */
  questions: readonly Question[];
  /** The last decision of a person in this attempt. */
  answer: TaskAnswer | null;
}

interface TaskRun {
  /** As JSON. */
  input: string;
  /** The fencing token of who runs it. */
  claim: string | null;
  /** The number of restarts that have interrupted it at work. */
  interruptions: number;
  /** Its concurrency key: tasks of one name and key share a limit. Null: it has none. */
  key: string | null;
  /** The attempts that have failed since it was begun, or begun once more by somebody. */
  failures: number;
  /** Its handler said that running it again would not help. */
  isFinal: boolean;
}

/** The question that a handler waits for: the answer to a notification. */
export interface Question {
  /** The handler's own name for it. */
  id: string;
  /** The id of the notification that asks it. */
  notification: string;
  answer: Answer | null;
}

/** A task nobody has reported on yet. */
export function newTask(taskId: string, now: number): TaskState {
  const at = new Date(now).toISOString();
  return {
    ...{ task_id: taskId, name: null, owner: null, followers: [], status: 'queued', message: '' },
    ...{ progress: 0, step: null, step_number: 0, total_steps: 0, attempt: 1, result: null, error: null, data: {} },
    ...{ cancel_requested: false, created_at: at, started_at: null, ended_at: null, updated_at: at },
    ...{ run_at: null, seq: null, run: null, former: [], isPlaceholder: false, questions: [], answer: null },
  };
}

/** The members that are stored under names of earlier versions. */
type StoredState = Omit<TaskState, 'isPlaceholder'> & { living?: unknown; awaited?: boolean };

/** A task as it is stored. A placeholder is named `awaited` there, as by earlier versions. */
export function storedTask({ isPlaceholder, ...state }: TaskState): string {
  return JSON.stringify({ ...state, awaited: isPlaceholder });
}

/** Reads a task as it was stored; what earlier versions did not know of has its first value. */
export function readTask(text: string): TaskState {
  // Its links stood here before they stood with the notifications.
  const { living: _living, awaited = false, ...state } = JSON.parse(text) as StoredState;
  const run = state.run && { ...{ key: null, interruptions: 0, failures: 0, isFinal: false }, ...state.run };
  return { ...{ questions: [], answer: null, run_at: null }, ...state, run, isPlaceholder: awaited };
}

/** The task as its owner and back ends read it. */
export function taskView(state: TaskState, rev: number): Task {
  const { seq: _seq, run: _run, former: _former, isPlaceholder: _placeholder, questions: _asked, ...view } = state;
  return { ...view, rev };
}

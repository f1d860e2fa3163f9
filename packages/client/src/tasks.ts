import type { FrameMap, LinkedTask, ServerFrame } from '@tidings/protocol';
import type { Clock, Logger } from './options.ts';
import type { Change, InboxRecords } from './records/inbox-records.ts';
import type { ActionRequest } from './requests.ts';
import { SnapshotStore } from './snapshot-store.ts';

/** A task's frame: `task_update`, `task_complete`, `task_error` or `task_cancelled`. */
export type TaskFrame = FrameMap['task_update' | 'task_complete' | 'task_error' | 'task_cancelled'];

/** A task as it was last reported. A new object whenever it changed. */
export interface TaskView {
  /** `task_id` on the wire. */
  id: string;
  rev: number;
  /** The newest frame, with `status`, `progress`, `step`, `message` and, by its type, `result` or `error`. */
  frame: TaskFrame;
  /** Completed, failed or cancelled. */
  ended: boolean;
  /** Estimated milliseconds from `receivedAt` to the end, were it to go on as fast as until now; null if nothing can be said. */
  remainingMs: number | null;
  /** When the frame came, by this device's clock, in milliseconds since 1970. */
  receivedAt: number;
}

/** The tasks whose changes this user receives: their own and those followed with `subscribe()`. Of those that have ended the newest 200 are kept. */
export interface TaskBoard {
  /** By task id, in the order in which they first came. A new map whenever something changed; the same one until then. */
  getSnapshot(): ReadonlyMap<string, TaskView>;
  get(id: string): TaskView | undefined;
  /** @returns what takes the listener off again */
  onChange(listener: () => void): () => void;
  /** Asks that the task be cancelled; its next frames say whether it still could be. */
  cancel(id: string): Promise<void>;
  /** Begins a task again that has failed or was cancelled, where its sender allows it (`can_retry` of a linked notification). */
  retry(id: string): Promise<void>;
}

const endedKept = 200;

export class TaskStore extends SnapshotStore<ReadonlyMap<string, TaskView>> implements TaskBoard {
  readonly #records: Pick<InboxRecords, 'act'>;
  readonly #clock: Clock;
  /** By record id. */
  readonly #views = new Map<string, TaskView>();

  constructor(records: Pick<InboxRecords, 'act'>, settings: { logger: Logger; clock: Clock }) {
    super(settings, () => new Map([...this.#views.values()].map((view) => [view.id, view])));
    this.#records = records;
    this.#clock = settings.clock;
  }

  get = (id: string): TaskView | undefined => this.getSnapshot().get(id);

  cancel = (id: string): Promise<void> =>
    actOnTask(this.#records, { action: 'cancel_task', task_id: id }, { cancel_requested: true });

  retry = (id: string): Promise<void> =>
    actOnTask(this.#records, { action: 'retry_task', task_id: id }, { status: 'queued', can_retry: false });

  rev(id: string): number | undefined {
    return this.#views.get(id)?.rev;
  }

  /** Takes in a frame that is no duplicate. */
  apply(frame: ServerFrame): void {
    if (/^task_(update|complete|error|cancelled)$/.test(frame.type)) {
      const task = frame as TaskFrame;
      const { status, timestamp, started_at, progress } = task;
      // Both times are the server's, so that a wrong clock here does no harm. Not a number before the start.
      const elapsed = Date.parse(timestamp) - Date.parse(started_at as string);
      const canEstimate = status === 'processing' && elapsed > 0 && progress;
      this.#views.set(task.id, {
        id: task.task_id,
        rev: task.rev,
        frame: task,
        ended: task.type !== 'task_update',
        remainingMs: canEstimate ? Math.round((elapsed * (100 - progress)) / progress) : null,
        receivedAt: this.#clock.now(),
      });
      this.#trim();
    } else if (frame.type !== 'retracted' || !this.#views.delete(frame.id)) return;
    this.changed();
  }

  /** A session begins at a cursor; null is a fresh snapshot, before which everything is forgotten. */
  begin(cursor: string | null): void {
    const isVoid = cursor === null && this.#views.size > 0;
    if (isVoid) this.#views.clear();
    this.hold(isVoid);
  }

  #trim(): void {
    if (this.#views.size <= endedKept) return;
    const ended = [...this.#views].filter(([, view]) => view.ended).sort(([, a], [, b]) => a.rev - b.rev);
    for (const [record] of ended.slice(0, -endedKept)) this.#views.delete(record);
  }
}

/** Sends an action on a task. @param effect what it does, shown at once on the notifications that are linked to the task */
export function actOnTask(
  records: Pick<InboxRecords, 'act'>,
  action: ActionRequest & { task_id: string },
  effect: Partial<LinkedTask>,
): Promise<void> {
  const change: Change = (item) =>
    item.task?.task_id === action.task_id ? { ...item, task: { ...item.task, ...effect } } : item;
  return records.act(action, change, () => change);
}

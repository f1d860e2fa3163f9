import type { TaskStatus } from '@tidings/protocol';
import { taskTopic, userTopic } from '../domain/topics.ts';
import type { Change, PutWrite } from '../domain/writes.ts';
import { viewersOf } from './people.ts';
import { storedTask, type TaskState } from './task.ts';

/** A task as it is stored. */
export interface StoredTask {
  state: TaskState;
  rev: number;
}

export const taskRecordId = (taskId: string): string => `task:${taskId}`;
export const taskIdOf = (recordId: string): string => recordId.slice(taskRecordId('').length);

const frameTypes: Partial<Record<TaskStatus, string>> = {
  completed: 'task_complete',
  failed: 'task_error',
  cancelled: 'task_cancelled',
};

function frameBody(state: TaskState): string {
  return JSON.stringify({
    type: frameTypes[state.status] ?? 'task_update',
    id: taskRecordId(state.task_id),
    timestamp: state.updated_at,
    task_id: state.task_id,
    ...(state.name === null ? {} : { name: state.name }),
    status: state.status,
    message: state.message,
    progress: state.progress,
    step: state.step,
    step_number: state.step_number,
    total_steps: state.total_steps,
    attempt: state.attempt,
    cancel_requested: state.cancel_requested,
    ...(state.status === 'queued' && state.run_at !== null ? { run_at: state.run_at } : {}),
    started_at: state.started_at,
    ...(state.status === 'completed' ? { result: state.result } : {}),
    ...(state.status === 'failed' ? { error: state.error } : {}),
    data: state.data,
  });
}

type TaskFields = Pick<TaskState, 'task_id' | 'attempt' | 'cancel_requested'> & { name?: string; run_at?: string };

/** The fields of a task that are in the frame of each change. */
export const reportOf = ({ body }: Pick<Change, 'body'>): TaskFields => JSON.parse(body);

/**
 * The record of a task. It is delivered on its own topic, on its owner's, and on those of former owners, who receive a retraction.
 * Where it names an owner or followers, only they see it.
 */
export function taskRecord(state: TaskState, before: StoredTask | null, now: number): PutWrite {
  const former = state.former === 'anyone' ? [] : state.former;
  const recipients = new Set([...(state.owner === null ? [] : [state.owner]), ...former]);
  return {
    op: 'put',
    id: taskRecordId(state.task_id),
    kind: 'task',
    topics: [taskTopic(state.task_id), ...[...recipients].map(userTopic)],
    viewers: viewersOf(state, before?.state ?? null),
    body: frameBody(state),
    state: storedTask(state),
    ...{ alert: 'never', expired: false, category: '', type: null, search: null, dueAt: null, collapse: null },
    expect: before?.rev ?? null,
    owner: state.owner,
    status: state.status,
    externalId: null,
    at: now,
    key: null,
  };
}

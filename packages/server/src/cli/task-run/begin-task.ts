import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { TidingsError } from '@tidings/protocol';
import type { Task, Tasks } from '@tidings/sender';

export interface TaskOptions {
  program: string;
  taskId?: string;
  name?: string;
  /** By id. */
  owner: string;
  followers: readonly string[];
  key?: string;
  /** Begin the next attempt of a task that is completed, cancelled, or at work. */
  restart?: true;
}

/** A task that has begun for this program; `isOwn` is false if it was begun under the same key before. */
export interface BegunTask {
  task: Task;
  isOwn: boolean;
}

/** Begins the task of a program. @throws TidingsError, `conflict` for one that may not be begun again */
export async function beginTask(tasks: Tasks, options: TaskOptions): Promise<BegunTask> {
  const { program, taskId, name, owner, followers, key, restart } = options;
  const before = taskId === undefined ? null : await known(tasks, taskId);
  if (before && key !== undefined && before.data.key === key) return { task: before, isOwn: false };
  if (before && (before.status === 'processing' || before.status === 'waiting')) await takeOver(tasks, before, restart);
  const run = randomUUID();
  const task = await tasks.start({
    ...(taskId === undefined ? {} : { task_id: taskId }),
    ...{ name: name ?? basename(program), owner, followers: [...followers], status: 'processing' },
    ...(restart ? { restart } : {}),
    ...(key === undefined ? {} : { idempotency_key: key }),
    data: {
      program: basename(program),
      host: hostname(),
      pid: process.pid,
      run,
      ...(key === undefined ? {} : { key }),
    },
  });
  return { task, isOwn: task.data.run === run };
}

async function known(tasks: Tasks, taskId: string): Promise<Task | null> {
  return tasks.get(taskId).catch((error: unknown) => {
    if (error instanceof TidingsError && error.code === 'not_found') return null;
    throw error;
  });
}

/** Ends the attempt that is under way. Its number is counted up, by which a program that is still at it finds out. */
async function takeOver(tasks: Tasks, { task_id, status, attempt }: Task, restart: true | undefined): Promise<void> {
  if (!restart) {
    throw new TidingsError(
      'conflict',
      `task ${task_id} is ${status}: another program is at it, or was killed; with --restart this one takes its place`,
    );
  }
  await tasks.report(task_id, { status: 'failed', error: 'Another run took its place', attempt: attempt + 1 });
}

import type { Task, TaskReport, Tasks } from '@tidings/sender';
import { importFile } from './import-file.ts';
import type { Counts, Registry } from './registry.ts';

export interface ImportTaskOptions {
  tasks: Tasks;
  registry: Registry;
  file: string;
  batchSize: number;
  owner: string;
  taskId?: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Says something to the person at the terminal. */
  say(message: string): void;
}

export type ImportEnd = { status: 'completed' | 'cancelled'; counts: Counts };

const number = new Intl.NumberFormat('en');

/** Imports a file as a task that its owner sees and may cancel. Resolves when the task has ended, too. */
export async function runImport(options: ImportTaskOptions): Promise<ImportEnd> {
  const { tasks, registry, file, batchSize, owner, taskId, signal, say } = options;
  const task = await tasks.start({
    ...{ task_id: taskId, name: 'Registry import', owner, status: 'processing', restart: true, message: 'Reading…' },
  });
  let isAsked = task.cancel_requested;
  const failed = (error: Error): void => say(`the task does not show this: ${error.message}`);
  /** Not awaited: what waits for the server is merged, and the import does not wait for it. */
  const report = (progress: TaskReport): void => {
    const seen = (now: Task): void => {
      isAsked ||= now.cancel_requested || now.status === 'cancelled';
    };
    tasks.report(task.task_id, progress).then(seen, failed);
  };
  try {
    const { done, isComplete } = await importFile({
      ...{ registry, file, batchSize },
      isCancelled: () => isAsked || signal.aborted,
      onBatch: ({ created, updated, errors }, percent) =>
        report({
          progress: Math.min(99, percent),
          message: `Processing ${number.format(created + updated + errors)} records…`,
        }),
    });
    const { created, updated, errors } = done;
    const counts = { created, updated, errors };
    const sum = number.format(created + updated + errors);
    const end: TaskReport = isComplete
      ? { status: 'completed', message: `Processed ${sum} records`, result: counts }
      : { status: 'cancelled', message: `Cancelled after ${sum} records; a run of the same file goes on from there` };
    await tasks.report(task.task_id, end);
    return { status: isComplete ? 'completed' : 'cancelled', counts };
  } catch (error) {
    await tasks.report(task.task_id, { status: 'failed', error: (error as Error).message }).catch(failed);
    throw error;
  }
}

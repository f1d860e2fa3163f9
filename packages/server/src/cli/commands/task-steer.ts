import { TidingsError } from '@tidings/protocol';
import type { Task, TaskStatus } from '@tidings/sender';
import type { Command } from 'commander';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';
import { eachId } from './each-id.ts';

const ids = 'which, as "tidings task list" names them';

/** A task that was asked to stop or to begin again. */
interface Steered {
  id: string;
  rev: number;
  status: TaskStatus;
  attempt: number;
}

const steered = ({ task_id: id, rev, status, attempt }: Task): Steered => ({ id, rev, status, attempt });

/** `tidings task cancel`: asks tasks to stop. */
export function taskCancel(group: Command): void {
  const command = group
    .command('cancel')
    .description('ask tasks to stop; an error where one was over before')
    .argument('<ids...>', ids);
  const done = ({ status }: Steered) => (status === 'cancelled' ? 'Cancelled' : 'Asked to stop');
  addSenderFlags(command).action((ids: string[], flags: SenderFlags) =>
    eachId(flags, ids, done, async ({ tasks }, id) => steered(unlessTooLate(await tasks.cancel(id)))),
  );
}

/** `tidings task retry`: begins tasks of the server's own again. */
export function taskRetry(group: Command): void {
  const command = group
    .command('retry')
    .description("begin tasks of the server's own again, which failed or were cancelled")
    .argument('<ids...>', ids);
  const done = ({ attempt }: Steered) => `Begun again, attempt ${attempt}:`;
  addSenderFlags(command).action((ids: string[], flags: SenderFlags) =>
    eachId(flags, ids, done, async ({ tasks }, id) => steered(await tasks.retry(id))),
  );
}

/** Throws `conflict` for a task that ended by itself. */
function unlessTooLate(task: Task): Task {
  if (task.status !== 'completed' && task.status !== 'failed') return task;
  throw new TidingsError('conflict', `too late: task ${task.task_id} is ${task.status} already`);
}

import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';
import type { Task } from '@tidings/sender';
import type { Command } from 'commander';
import { exitCodes } from '../failure.ts';
import { bar, barColumns, type Paint, type Style } from '../progress-bar.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { shownStatus } from '../shown-status.ts';
import { oneLine } from '../text.ts';

/** `tidings task watch`: one task, live, until it has ended. */
export function taskWatch(group: Command): void {
  const command = group
    .command('watch')
    .description('follow a task until it has ended; exit code 0 if it completed, else 1')
    .argument('<id>', 'which, as "tidings task list" names it');
  addSenderFlags(command).action(async (id: string, flags: SenderFlags) => {
    const show = flags.json ? showJson : process.stdout.isTTY ? new LiveLine().show : showLine;
    const end = await withSender(
      flags,
      async ({ tasks }) => {
        // A server that is not there is an error at first; later on it is waited for.
        await tasks.get(id);
        return tasks.watch(id, show);
      },
      console.error,
    );
    process.exitCode = end.status === 'completed' ? exitCodes.accepted : exitCodes.failed;
  });
}

const showJson = (task: Task): void => console.log(JSON.stringify(task));

const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

const styles: Partial<Record<Task['status'], Style>> = { completed: 'green', failed: 'red', cancelled: 'yellow' };

function showLine(task: Task): void {
  const clock = new Date(task.updated_at).toTimeString().slice(0, 8);
  console.log(`${paint('gray', clock)}  ${bar(task.progress, paint)}  ${statusOf(task)}  ${textOf(task)}`.trimEnd());
}

/** One line of a terminal, which is written again with each change, and stays when the task has ended. */
class LiveLine {
  readonly show = (task: Task): void => {
    const { stdout } = process;
    const room = Math.max(0, stdout.columns - barColumns - shownStatus(task).length - 5);
    const text = task.ended_at ? textOf(task) : textOf(task).slice(0, room);
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
    stdout.write(`${bar(task.progress, paint)}  ${statusOf(task)}  ${text}`.trimEnd());
    if (task.ended_at) stdout.write('\n');
  };
}

const statusOf = (task: Task): string => paint(styles[task.status] ?? 'cyan', shownStatus(task));

/** The name of the step, message, and outcome. */
function textOf({ step, step_number, total_steps, message, error, result, status, ended_at }: Task): string {
  const steps = step_number > 0 ? `${step_number}${total_steps > 0 ? `/${total_steps}` : ''}` : '';
  const outcome = status === 'completed' && result !== null ? JSON.stringify(result) : '';
  const parts = [ended_at ? '' : steps, ended_at ? '' : step, error ?? message, outcome];
  return parts.flatMap((part) => (part ? [oneLine(part)] : [])).join('  ');
}

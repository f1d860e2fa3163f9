import type { Task } from '@tidings/sender';
import type { Command } from 'commander';
import { when } from '../instant.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';

/** `tidings task show`: one task, as it is now. */
export function taskShow(group: Command): void {
  const command = group
    .command('show')
    .description('show a task as it is now')
    .argument('<id>', 'which, as "tidings task list" names it');
  addSenderFlags(command).action(async (id: string, flags: SenderFlags) => {
    const task = await withSender(flags, ({ tasks }) => tasks.get(id));
    console.log(flags.json ? JSON.stringify({ ok: true, ...task }) : describe(task, Date.now()));
  });
}

function describe(task: Task, now: number): string {
  const { task_id, rev, status, step_number, total_steps, step, answer, data } = task;
  const steps = step_number > 0 ? `${step_number}${total_steps > 0 ? ` of ${total_steps}` : ''}` : '';
  const rows: [string, unknown][] = [
    ['Name', task.name],
    ['Owner', task.owner],
    ['Followers', task.followers.join(', ')],
    ['Progress', `${Math.round(task.progress)} %`],
    ['Step', [steps, step].filter(Boolean).join(' ')],
    ['Message', task.message],
    ['Error', task.error],
    ['Result', task.result === null ? null : JSON.stringify(task.result)],
    ['Answer', answer && `${answer.username}: ${answer.action_id ?? JSON.stringify(answer.value)}`],
    ['Cancel', task.cancel_requested ? 'asked for' : null],
    ['Attempt', String(task.attempt)],
    ['Created', when(task.created_at, now)],
    ['Started', task.started_at && when(task.started_at, now)],
    ['Ended', task.ended_at && when(task.ended_at, now)],
    ['Data', Object.keys(data).length > 0 ? JSON.stringify(data) : null],
  ];
  const shown = rows.flatMap(([name, value]) => (typeof value === 'string' && value ? [[name, oneLine(value)]] : []));
  return [`${oneLine(task_id)} is ${status} (rev ${rev})`, ...columns(shown).map((line) => `  ${line}`)].join('\n');
}

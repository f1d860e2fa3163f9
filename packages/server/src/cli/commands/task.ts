import type { Command } from 'commander';
import { taskList } from './task-list.ts';
import { taskShow } from './task-show.ts';
import { taskCancel, taskRetry } from './task-steer.ts';
import { taskWatch } from './task-watch.ts';

/** `tidings task`: tasks, and programs that are run as one. */
export function task(program: Command): void {
  const command = program.command('task').description('list, watch, cancel and retry tasks');
  for (const add of [taskList, taskShow, taskWatch, taskCancel, taskRetry]) add(command);
}
